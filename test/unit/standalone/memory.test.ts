import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** About 20 MB that stay, and bursts that go: what answers under load leave behind. Says the heap's peak in MB. */
const BURSTS = `
  const kept = Array.from({ length: 150_000 }, (_, i) => ({ i, text: 'value ' + i }));
  const passing = [];
  let peak = 0;
  for (let i = 0; i < 200; i += 1) {
    passing[i % 4] = Array.from({ length: 3_000 }, (_, k) => ({ to: i + '-' + k, text: 'x'.repeat(300) + k }));
    JSON.stringify(passing[i % 4]);
    peak = Math.max(peak, process.memoryUsage().heapTotal);
  }
  console.log(kept.length > 0 ? Math.round(peak / 2 ** 20) : 0);
`;

const peakWith = (flags: readonly string[]): number =>
  Number(spawnSync(process.execPath, [...flags, '-e', BURSTS], { encoding: 'utf8' }).stdout);

// V8 sizes its heap by the machine's memory: with much of it, a process that needs 150 MB would grow past 300.
test('the start command keeps the process from growing with the machine', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Readonly<Record<string, string>> };
  const flags = (scripts['start'] ?? '').split(' ').filter((word) => word.startsWith('--'));
  const growth = '--heap-growing-percent=30';
  expect(flags).toContain(growth);
  expect(peakWith(flags)).toBeLessThan(0.8 * peakWith(flags.filter((flag) => flag !== growth)));
}, 60_000);
