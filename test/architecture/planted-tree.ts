import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** A small tree beside the real one, in which rules are broken on purpose. */
export interface PlantedTree {
  readonly folder: string;
  /** Runs an installed tool in the tree with this Node and returns what it printed (both streams) and its exit code. */
  run(
    tool: 'eslint' | 'prettier' | 'tsc' | 'depcruise',
    args: readonly string[],
  ): Promise<{ printed: string; code: number }>;
  remove(): Promise<void>;
}

const settings = ['package.json', 'tsconfig.json', 'tsconfig.base.json', '.prettierrc.json', '.prettierignore'];
const workspaces = ['shared', 'command-api', 'query-api', 'projector', 'mailer-worker'];

const scripts = {
  eslint: 'eslint/bin/eslint.js',
  prettier: 'prettier/bin/prettier.cjs',
  tsc: 'typescript/bin/tsc',
  depcruise: 'dependency-cruiser/bin/dependency-cruiser.mjs',
};

/** Writes `files` (path to content) into a tree that has the real one's settings and packages. */
export async function plant(files: Readonly<Record<string, string>>): Promise<PlantedTree> {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-planted-'));
  const copies = [...settings, ...workspaces.map((workspace) => `${workspace}/package.json`)];
  for (const file of copies) await cp(join(root, file), join(folder, file));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  const modules = dirname(dirname(createRequire(join(root, 'package.json')).resolve('prettier')));
  return {
    folder,
    run: (tool, args) =>
      new Promise((done) => {
        const child = execFile(
          process.execPath,
          [join(modules, scripts[tool]), ...args],
          { cwd: folder, maxBuffer: 2 ** 26 },
          (_fault, stdout, stderr) => done({ printed: stdout + stderr, code: child.exitCode ?? -1 }),
        );
      }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
