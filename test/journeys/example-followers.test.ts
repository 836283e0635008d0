import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { openDoor, type TcpDoor } from '../support/tcp-door.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const hasPython = spawnSync('python3', ['--version']).status === 0;
const FOLLOWERS = [
  ['node', [process.execPath, join(DOCS, 'examples/follow-events.mjs')]],
  ...(hasPython ? [['python3', ['python3', join(DOCS, 'examples/follow-events.py')]] as const] : []),
] as const;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let key: string;
let folder: string;
let door: TcpDoor;
const children: ChildProcess[] = [];
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  const body = { name: 'follower', scopes: ['events:read'] };
  key = String((await journey.post('/api-keys', body, { token: await journey.admin() })).body.key);
  folder = await mkdtemp(join(tmpdir(), 'rollbook-followers-'));
  door = await openDoor(0);
  await door.lead(Number(new URL(rollbook.url).port));
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await door.close();
  await rollbook.stop();
  await rm(folder, { recursive: true });
});

test.each(FOLLOWERS)('The example follower in %s misses nothing, cut off and started again', async (name, command) => {
  const printed: string[] = [];
  const start = (): ChildProcess => {
    const [program, script] = command;
    const args = [script, `http://127.0.0.1:${String(door.port)}`, key, join(folder, name)];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    createInterface({ input: child.stdout }).on('line', (line) =>
      printed.push((JSON.parse(line) as { id: string }).id),
    );
    return child;
  };
  const expected = async (): Promise<readonly string[]> =>
    (await eventsIn(rollbook)).flatMap((event) => toPublicMessage(event)?.id ?? []);
  const hasAll = async (): Promise<boolean> => new Set(printed).size === (await expected()).length;

  await journey.register(`${name}-before`);
  const child = start();
  await until('it caught up', hasAll);
  await door.close();
  await journey.register(`${name}-meanwhile`);
  await door.lead(Number(new URL(rollbook.url).port));
  await until('it came back by itself', hasAll);
  const gone = new Promise((end) => child.once('exit', end));
  child.kill('SIGTERM');
  await gone;
  await journey.register(`${name}-while-away`);
  start();
  await until('it went on', hasAll);
  // At least once: what was cut off between the event and the note of its place comes again.
  expect([...new Set(printed)]).toStrictEqual(await expected());
});

test('The command of the page shows the stream as the page shows it', async () => {
  const page = await readFile(join(DOCS, 'features/event-feed.md'), 'utf8');
  const [, command = ''] = /^```bash\n(curl -sN[\s\S]*?)^```$/m.exec(page) ?? [];
  const [, shown = ''] = /^```text\n(retry:[\s\S]*?)^```$/m.exec(page) ?? [];
  const shell = spawn('bash', ['-c', command.replaceAll('http://localhost:8000', rollbook.url)], {
    env: { ...process.env, KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let seen = '';
  shell.stdout.setEncoding('utf8').on('data', (piece: string) => (seen += piece));
  await new Promise((end) => shell.once('exit', end));
  const form = (text: string): readonly unknown[] =>
    text
      .split('\n\n')
      .slice(0, 2)
      .map((block) =>
        block
          .trim()
          .split('\n')
          .map((line) => line.slice(0, line.indexOf(':'))),
      );
  const dataOf = (text: string): object => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as object;
  expect(form(shown)).toStrictEqual(form(seen));
  expect(Object.keys(dataOf(shown))).toStrictEqual(Object.keys(dataOf(seen)));
});
