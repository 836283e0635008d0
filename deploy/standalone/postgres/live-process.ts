import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** The arguments of a live process, or undefined when there is none (a zombie counts as none). */
export function commandLine(pid: number): string[] | undefined {
  try {
    const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
    return words.length === 0 ? undefined : words;
  } catch {
    if (process.platform === 'linux') return undefined;
    const shown = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    return shown === '' ? undefined : shown.split(' ');
  }
}

/** The folder in which a live process works, or undefined where the machine does not tell. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return undefined;
  }
}

/** Every process that works in `folder`: all of one PostgreSQL, its children too, work in their data folder. */
export function processesIn(folder: string): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid && workingFolder(pid) === folder);
  } catch {
    return [];
  }
}

/** Sends a signal; a process that is gone already is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}

/** Waits until `done()` holds, looking every 20 ms, at most `ms` milliseconds. Says whether it came to hold. */
export async function until(done: () => boolean, ms: number): Promise<boolean> {
  for (let waited = 0; waited < ms; waited += 20) {
    if (done()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return done();
}
