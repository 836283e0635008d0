import { open, readFile, rename } from 'node:fs/promises';

/** Writes JSON that only its owner can read (0600), whole or not at all, and on disk when this resolves. */
export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    // A file left by an earlier attempt keeps its own mode.
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** The JSON of a file, or undefined when there is no such file. Throws when it cannot be read or is no JSON. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}
