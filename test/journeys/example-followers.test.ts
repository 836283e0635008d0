import { spawn, spawnSync, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PUBLIC_EVENTS, toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { openDoor, type TcpDoor } from '../support/tcp-door.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const hasPython = spawnSync('python3', ['--version']).status === 0;
/** The program that somebody writes who follows the page. */
const OWN = 'my-consumer.mjs';
const FOLLOWERS = [
  ['node', [process.execPath, join(DOCS, 'examples/follow-events.mjs')]],
  ...(hasPython ? [['python3', ['python3', join(DOCS, 'examples/follow-events.py')]] as const] : []),
  ['own', [process.execPath, OWN]],
] as const;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let key: string;
let folder: string;
let door: TcpDoor;
let page: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  const body = { name: 'follower', scopes: ['events:read'] };
  key = String((await journey.post('/api-keys', body, { token: await journey.admin() })).body.key);
  folder = await mkdtemp(join(tmpdir(), 'rollbook-followers-'));
  page = await readFile(join(DOCS, 'features/event-feed.md'), 'utf8');
  door = await openDoor(0);
  await door.lead(Number(new URL(rollbook.url).port));
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await door.close();
  await rollbook.stop();
  await rm(folder, { recursive: true });
});

/** Of a line that a follower prints: the examples print events, the page's program begins with the position. */
const positionIn = (line: string): string =>
  line.startsWith('{') ? (JSON.parse(line) as { position: string }).position : (line.split(' ')[0] ?? '');

/** A folder with the program that the page shows, and its key. */
const folderOf = async (name: string, withKey: string): Promise<string> => {
  const cwd = join(folder, name);
  await mkdir(cwd);
  await writeFile(join(cwd, OWN), /^cat > my-consumer\.mjs <<'EOF'\n([\s\S]*?)^EOF$/m.exec(page)?.[1] ?? '');
  await writeFile(join(cwd, 'events.key'), `${withKey}\n`);
  return cwd;
};

interface Where {
  readonly cwd: string;
  readonly port: number;
  readonly key: string;
}

const begin = (
  [program, script]: (typeof FOLLOWERS)[number][1],
  where: Where,
): ChildProcessByStdio<null, Readable, Readable> => {
  const origin = `http://127.0.0.1:${String(where.port)}`;
  const env = { ...process.env, ROLLBOOK_URL: origin };
  const args = [script, origin, where.key, 'at.txt'];
  const child = spawn(program, args, { cwd: where.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
};

test.each(FOLLOWERS)('The example follower in %s misses nothing, cut off and started again', async (name, command) => {
  const printed: string[] = [];
  const cwd = await folderOf(name, key);
  const start = (): ChildProcess => {
    const child = begin(command, { cwd, port: door.port, key });
    child.stderr.resume();
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(positionIn(line)));
    return child;
  };
  const expected = async (): Promise<readonly string[]> =>
    (await eventsIn(rollbook)).flatMap((event) => toPublicMessage(event)?.position ?? []);
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
  const before = printed.length;
  start();
  await until('it went on', hasAll);
  const [first] = await expected();
  expect(printed.slice(before)).not.toContain(first);
  // At least once: what was cut off between the event and the note of its place comes again.
  expect([...new Set(printed)]).toStrictEqual(await expected());
});

test('An example follower that is refused for a while waits as long as it is told, and says why', async () => {
  const WAIT = 5;
  const asked = new Map<string, number[]>();
  const server = createServer(({ headers }, response) => {
    const at = asked.get(headers.authorization ?? '') ?? [];
    asked.set(headers.authorization ?? '', [...at, performance.now()]);
    response.writeHead(at.length === 0 ? 429 : 503, { 'Retry-After': String(WAIT) }).end('{"error":{}}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const said = await Promise.all(
    FOLLOWERS.map(async ([name, command]) => {
      const errors: string[] = [];
      const own = `key-of-${name}`;
      const child = begin(command, { cwd: await folderOf(`${name}-refused`, own), port, key: own });
      createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
      await until(`${name} came twice`, () => errors.length >= 2);
      child.kill('SIGKILL');
      return errors.slice(0, 2).map((line) => line.slice(0, 3));
    }),
  );
  server.closeAllConnections();
  server.close();
  expect(said).toStrictEqual(FOLLOWERS.map(() => ['429', '503']));
  expect(asked.size).toBe(FOLLOWERS.length);
  for (const [first = 0, second = 0] of asked.values())
    expect(second - first).toBeGreaterThanOrEqual(WAIT * 1_000 - 50);
});

test('The command of the page shows the stream as the page shows it', async () => {
  const [, command = ''] = /^```bash\n(curl -sN[\s\S]*?)^```$/m.exec(page) ?? [];
  const [, shown = ''] = /^```text\n(retry:[\s\S]*?)^```$/m.exec(page) ?? [];
  const shell = spawn('bash', ['-c', command], {
    env: { ...process.env, ROLLBOOK_URL: rollbook.url, ADMIN_TOKEN: key },
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

test('The page names every type that can come', () => {
  const named = new Set(
    [...page.matchAll(/`([a-z-]+\.v\d+)`(?=.*\|)/g)].map(([, type]) => `rollbook.user.${type ?? ''}`),
  );
  expect([...named].sort()).toStrictEqual(Object.keys(PUBLIC_EVENTS).sort());
});
