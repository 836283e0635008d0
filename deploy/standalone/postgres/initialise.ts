import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, lchown, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataOwner, invocation, type RunAs } from './run-as.ts';

/** What is kept beside the data folder, readable by its owner alone. */
export interface Credentials {
  readonly password: string;
  /** The port of the last start, taken again when it is free. */
  readonly port?: number;
}

const fileOf = (dataDir: string): string => join(dataDir, 'postgres.json');

/** Keeps the credentials (mode 0600), whole or not at all. */
export async function keepCredentials(dataDir: string, credentials: Credentials): Promise<void> {
  const file = fileOf(dataDir);
  await writeFile(`${file}.new`, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The kept credentials; a password is made up at the first start. */
export async function credentialsOf(dataDir: string): Promise<Credentials> {
  if (existsSync(fileOf(dataDir))) return JSON.parse(await readFile(fileOf(dataDir), 'utf8')) as Credentials;
  if (existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) {
    throw new Error(
      `${fileOf(dataDir)} is missing, and with it the password of the database in ${join(dataDir, 'postgres')}: put it back.`,
    );
  }
  const made = { password: randomBytes(24).toString('hex') };
  await keepCredentials(dataDir, made);
  return made;
}

async function giveTo(owner: { uid: number; gid: number }, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true }))
    await lchown(join(folder, entry), owner.uid, owner.gid);
  await chown(folder, owner.uid, owner.gid);
}

function run(call: ReturnType<typeof invocation>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.file, call.args, { ...call.options, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`PostgreSQL could not lay out its data folder: ${said.trim().split('\n').at(-1) ?? ''}`));
    });
  });
}

/**
 * Makes sure that `dataDir/postgres` is a laid-out data folder whose owner is the user that PostgreSQL runs as, and
 * returns its path. It is laid out under another name and renamed, so that a kill half way leaves nothing half done.
 */
export async function initialise(
  initdb: string,
  runAs: RunAs,
  dataDir: string,
  password: string,
  durable: boolean,
): Promise<string> {
  const folder = join(dataDir, 'postgres');
  const owner = dataOwner(runAs);
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    const fresh = `${folder}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    // initdb takes the password from a file only; the file lives as long as initdb does.
    const passwordFile = `${folder}.password`;
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (owner !== undefined) await Promise.all([fresh, passwordFile].map((path) => chown(path, owner.uid, owner.gid)));
    // The same order of text on every machine: the collation comes with PostgreSQL, not from the operating system.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const auth = ['--username=rollbook', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    try {
      await run(invocation(runAs, initdb, ['-D', fresh, ...locale, ...auth, ...(durable ? [] : ['--no-sync'])]));
    } finally {
      await rm(passwordFile, { force: true });
    }
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } else if (owner !== undefined && (await stat(folder)).uid !== owner.uid) {
    await giveTo(owner, folder);
  }
  return folder;
}
