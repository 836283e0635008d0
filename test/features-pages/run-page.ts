import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../support/standalone.ts';
import type { Example } from './examples.ts';

export interface Outcome {
  readonly example: Example;
  readonly stdout: string;
  readonly stderr: string;
}

/** All that was begun, and how the shell ended. */
export interface PageRun {
  readonly outcomes: readonly Outcome[];
  /** null: it was ended for taking too long. */
  readonly code: number | null;
}

/** What examples are run in. */
export interface Surroundings {
  /** Of the Rollbook that runs. */
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The program. */
  readonly python: string;
  /** What the shell has read already. */
  readonly before: string;
}

const FILE = { bash: 'sh', python: 'py', javascript: 'mjs' } as const;
/** As a reader types it. Python without its site packages, so that an example needs the standard library only. */
const COMMAND = { bash: '.', python: 'python3 -I -S', javascript: 'node' } as const;
const MARK = '\u001e';

/** The program itself, without the shim of a version manager; null where there is none. */
export const findPython = (): Promise<string | null> =>
  promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );

/** The folder in which a reader works: the project's, with the data of the Rollbook that runs; new files go nowhere. */
const workFolder = async (dataDir: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-page-'));
  const names = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'coverage');
  await Promise.all(names.map((name) => symlink(join(root, name), join(folder, name))));
  await symlink(dataDir, join(folder, '.data'));
  return folder;
};

/** Cuts what was written at the marks. */
const cut = (text: string): readonly string[] =>
  text
    .split(MARK)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\n') + 1));

/**
 * Runs examples one after the other in one shell, each as a file of its own, until one fails. What a shell example
 * exports, the others see: as for somebody who pastes them.
 */
export const runExamples = async (
  examples: readonly Example[],
  { dataDir, env, python, before }: Surroundings,
  { within = 100_000 }: { readonly within?: number } = {},
): Promise<PageRun> => {
  const scripts = await mkdtemp(join(tmpdir(), 'rollbook-examples-'));
  const folder = await workFolder(dataDir);
  const commands = examples.map(({ language }, at) => {
    const file = join(scripts, `${at}.${FILE[language]}`);
    return `mark\n${COMMAND[language]} '${file}'\n`;
  });
  await Promise.all(
    examples.map(({ language, text }, at) => writeFile(join(scripts, `${at}.${FILE[language]}`), text)),
  );
  await writeFile(join(scripts, 'before.sh'), before);
  await writeFile(
    join(scripts, 'all.sh'),
    `. '${join(scripts, 'before.sh')}'\nmark() { echo '${MARK}'; echo '${MARK}' >&2; }\nset -euo pipefail\n${commands.join('')}`,
  );
  // The machine's own Node, not the newer one that the project installs for itself.
  const others = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.endsWith('node_modules/.bin'));
  const PATH = [dirname(python), ...others].join(delimiter);
  try {
    const child = spawn('bash', [join(scripts, 'all.sh')], {
      cwd: folder,
      env: { HOME: folder, PATH, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
    const endAll = (): void => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // Nobody is left.
      }
    };
    let code: number | null = null;
    const timer = setTimeout(endAll, within);
    await new Promise<void>((done) => {
      // What an example left running would keep the pipes open.
      child.once('exit', (with_) => {
        code = with_;
        endAll();
      });
      child.once('close', () => done());
    });
    clearTimeout(timer);
    const errors = cut(said.stderr);
    const outcomes = cut(said.stdout).map((stdout, at) => ({
      example: examples[at]!,
      stdout,
      stderr: errors[at] ?? '',
    }));
    return { outcomes, code };
  } finally {
    await Promise.all([scripts, folder].map((each) => rm(each, { recursive: true, force: true })));
  }
};
