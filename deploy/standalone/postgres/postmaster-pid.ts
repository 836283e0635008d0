import { realpathSync } from 'node:fs';
import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { commandLine, processesIn, signal, until, workingFolder } from './live-process.ts';

// Above every pid a kernel hands out (2^22 on Linux, 99999 on macOS), so that PostgreSQL finds nobody behind it.
const NOBODY = 99_999_999;

/** What happened to the lock file that an earlier PostgreSQL left behind. */
export type LeftBehind = 'none' | 'cleared' | 'taken over';

const linesOf = async (folder: string): Promise<string[]> => {
  try {
    return (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
  } catch {
    return [];
  }
};

/** Whether the PostgreSQL with this pid has written that it takes connections. */
export async function isReady(folder: string, pid: number): Promise<boolean> {
  const lines = await linesOf(folder);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

const isOurs = (pid: number, folder: string): boolean => {
  const words = commandLine(pid);
  if (words === undefined || !words.some((word) => /^postgres(\.exe)?$/.test(basename(word)))) return false;
  const cwd = workingFolder(pid);
  return cwd === undefined ? words.includes(folder) : cwd === realpathSync(folder);
};

async function stopOrphan(pid: number): Promise<void> {
  for (const [name, ms] of [
    ['SIGINT', 5_000],
    ['SIGQUIT', 3_000],
    ['SIGKILL', 3_000],
  ] as const) {
    signal(pid, name);
    if (await until(() => commandLine(pid) === undefined, ms)) return;
  }
  throw new Error(
    `The PostgreSQL of an earlier start (process ${String(pid)}) does not end: end it, then start again.`,
  );
}

/**
 * Makes the data folder free for a new PostgreSQL. A live one of this very folder (its parent was killed) is stopped; a
 * pid that is dead, or that the machine has given to somebody else since, no longer blocks.
 *
 * The file stays and only its pid is made void: PostgreSQL then still checks the shared memory named in it, which
 * protects the data while a last child of the killed server is at work.
 */
export async function clearLeftBehind(folder: string): Promise<LeftBehind> {
  const lines = await linesOf(folder);
  if (lines.length === 0) return 'none';
  const pid = Number(lines[0]);
  const taken = Number.isInteger(pid) && pid > 0 && isOurs(pid, folder);
  if (taken) await stopOrphan(pid);
  const real = realpathSync(folder);
  await until(() => processesIn(real).length === 0, 5_000);
  const left = await linesOf(folder);
  if (left.length > 0) {
    const file = join(folder, 'postmaster.pid');
    const { uid, gid } = await stat(folder);
    await writeFile(file, [String(NOBODY), ...left.slice(1)].join('\n'), { mode: 0o600 });
    // Whoever put the file there: PostgreSQL must be able to read it.
    if (process.getuid?.() === 0) await chown(file, uid, gid);
  }
  return taken ? 'taken over' : 'cleared';
}
