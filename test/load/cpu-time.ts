import { readFile } from 'node:fs/promises';
import { descendantsOf } from '../support/child-process.ts';

/** CPU time in ms since each began, by what the process is. */
export type CpuTimes = ReadonlyMap<string, number>;

/** ms of one tick of /proc/<pid>/stat: `USER_HZ` is 100 on every Linux that Node runs on. */
const TICK = 10;

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)postgres(?:$|[ :])/, 'PostgreSQL'],
  [/(?:^|\/)java /, 'Kafka'],
  [/eventstore-node\/main\.ts/, 'EventStoreDB node for tests'],
  [/deploy\/gateway\/main\.ts/, 'gateway'],
  [/(command-api|query-api|projector|mailer-worker)\/src\/main\.ts/, '$1'],
  [/load\/rollbook-process\.ts/, 'services in one process'],
];

const nameOf = (command: string): string => {
  for (const [pattern, name] of NAMES) {
    const found = pattern.exec(command);
    if (found) return name.replace('$1', found[1] ?? '');
  }
  return 'others';
};

/** User and system time of a process; 0 when it has ended. */
const ticksOf = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
};

/** Of this process and all below it (Linux; elsewhere nothing). What a process used stays true under others' load. */
export const readCpuTimes = async (): Promise<CpuTimes> => {
  const times = new Map<string, number>();
  const add = async (name: string, pid: number): Promise<void> => {
    const ms = (await ticksOf(pid)) * TICK;
    times.set(name, (times.get(name) ?? 0) + ms);
  };
  try {
    const all = await descendantsOf(process.pid);
    await add('the load itself', process.pid);
    for (const { pid, command } of all) await add(nameOf(command), pid);
  } catch {
    return new Map();
  }
  return times;
};

/** CPU time in ms for each of `count` things done in between, and the sum. */
export const cpuFor = (before: CpuTimes, after: CpuTimes, count: number): Readonly<Record<string, number>> => {
  const each = [...after].map(([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / count] as const);
  const all = [...each, ['all', each.reduce((sum, [, ms]) => sum + ms, 0)] as const];
  return Object.fromEntries(all.map(([name, ms]) => [name, Math.round(ms * 100) / 100]));
};
