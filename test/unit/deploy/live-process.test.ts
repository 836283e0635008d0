import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  commandLine,
  processesIn,
  signal,
  until,
  workingFolder,
} from '../../../deploy/standalone/postgres/live-process.ts';

test('a live process is known by its words and its folder, a dead one by nothing', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'rollbook-live-')));
  const child = spawn('sleep', ['61'], { cwd: folder });
  await once(child, 'spawn');
  const pid = child.pid!;
  expect(await until(() => commandLine(pid)?.[0] === 'sleep', 2_000)).toBe(true);
  expect(commandLine(pid)).toEqual(['sleep', '61']);
  expect(workingFolder(pid)).toBe(folder);
  expect(processesIn(folder)).toEqual([pid]);

  signal(pid, 'SIGKILL');
  await once(child, 'exit');
  expect(commandLine(pid)).toBeUndefined();
  expect(workingFolder(pid)).toBeUndefined();
  expect(processesIn(folder)).toEqual([]);
  expect(() => signal(pid, 'SIGTERM')).not.toThrow();
  await rm(folder, { recursive: true });
});

test('a signal that the machine does not know is a fault', () => {
  expect(() => signal(process.pid, 'SIGNOTHING' as NodeJS.Signals)).toThrow('Unknown signal');
});

test('waiting ends when its time is over', async () => {
  expect(await until(() => false, 40)).toBe(false);
});
