import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { projections } from '../../projector/src/command-line/main.ts';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn } from '../support/journey.ts';
import { lookAtIncoming } from '../support/look-at-answer.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

interface Reading {
  readonly status: number;
  readonly position: string;
  readonly body: any;
}

/** One reader on one connection, which never closes it. */
const readerOf = (url: string, token: string) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (path: string): Promise<Reading> =>
    new Promise((done, failed) => {
      const headers = { authorization: `Bearer ${token}` };
      request(`${url}/v1${path}`, { agent, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const position = String(answer.headers['projection-position'] ?? '');
          const text = Buffer.concat(parts).toString('utf8');
          lookAtIncoming({ method: 'GET', hostname: new URL(url).hostname, path: `/v1${path}` }, answer, text);
          done({ status: answer.statusCode ?? 0, position, body: JSON.parse(text) as unknown });
        });
        answer.on('error', failed);
      })
        .on('error', failed)
        .end();
    });
  return { get, close: () => agent.destroy() };
};

describe('Rebuilding the user directory', () => {
  let rollbook: TestRollbook;
  let journey: ReturnType<typeof journeyOn>;

  beforeEach(async () => {
    rollbook = await startRollbook();
    journey = journeyOn(rollbook);
  }, 120_000);
  afterEach(() => rollbook.stop());

  const run = async (...words: readonly string[]): Promise<{ code: number; said: string }> => {
    const lines: string[] = [];
    const terminal = { log: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const code = await projections(words, rollbook.env, terminal);
    return { code, said: lines.join('\n') };
  };

  test('goes unnoticed by eight readers and a writer: no failed answer, no wrong one, and none older than the one before', async () => {
    const admin = await journey.admin();
    const names = ['ann', 'bob', 'cid', 'dot', 'eli', 'fay', 'gus', 'hal'];
    const ids: string[] = [];
    for (const name of names) ids.push(String((await journey.register(name)).body.id));
    const [ann = ''] = ids;
    let done = false;
    let reads = 0;
    const wrong: object[] = [];
    const read = async (n: number): Promise<void> => {
      const reader = readerOf(rollbook.url, admin);
      const [id, name] = [ids[n]!, names[n]!];
      let last = '';
      while (!done) {
        const path = reads % 2 === 0 ? `/users/${id}` : `/users?username=${name}`;
        const { status, position, body } = await reader.get(path);
        const person = path.includes('?') ? body.data?.[0] : body;
        if (status !== 200 || person?.id !== id || person?.username !== name || position < last)
          wrong.push({ path, status, position, last, body });
        last = position;
        reads += 1;
      }
      reader.close();
    };
    let writes = 0;
    const write = async (): Promise<void> => {
      while (!done) {
        writes += 1;
        const phone = `+1-555-${String(1_000 + writes)}`;
        const answer = await call(rollbook.url, 'PATCH', `/users/${ann}`, { token: admin, body: { phone } });
        const token = answer.headers.get('consistency-token') ?? '';
        const seen = await call(rollbook.url, 'GET', `/users/${ann}`, {
          token: admin,
          headers: { 'consistency-token': token },
        });
        if (answer.status !== 200 || seen.status !== 200 || seen.body.phone !== phone)
          wrong.push({ written: answer.status, seen: seen.status, phone, body: seen.body });
      }
    };
    const working = [...names.map((_name, n) => read(n)), write()];
    await until('they are at work', () => reads > 50 && writes > 2, 60_000);
    const rebuilt: { code: number; said: string }[] = [];
    for (let round = 0; round < 2; round += 1) rebuilt.push(await run('rebuild', 'user_directory'));
    const [before, wrote] = [reads, writes];
    await until('they go on', () => reads > before + 20 && writes > wrote + 2, 60_000);
    done = true;
    await Promise.all(working);
    expect(wrong.slice(0, 3)).toEqual([]);
    for (const { code, said } of rebuilt) {
      expect([code, said]).toEqual([0, expect.stringMatching(/Building version \d from the log's beginning/)]);
      expect(said).toMatch(/Read [\d,]+ events in [\d.]+ s: [\d,]+ events\/s\n/);
      expect(said).toMatch(/user_directory: 9 rows, checksum -?\d+, the same\n/);
      expect(said).toMatch(/Switched/);
    }
    const { said } = await run('list');
    expect(said).toMatch(/user_directory +3 +live/);
  }, 300_000);

  test('is refused with a sentence where there is nothing to build, and every read model can be rebuilt', async () => {
    expect(await run('rebuild')).toMatchObject({
      code: 2,
      said: expect.stringContaining('rebuild takes one read model'),
    });
    expect((await run('rebuild', 'relay')).code).toBe(2);
    expect(await run('rebuild', 'user_directory', '--abandon')).toEqual({
      code: 0,
      said: 'There was nothing to remove.',
    });
    await journey.member('ida');
    for (const name of ['user_sessions', 'erasures', 'api_keys']) {
      const { code, said } = await run('rebuild', name);
      expect([name, code, said]).toEqual([name, 0, expect.stringContaining('Switched')]);
    }
  }, 120_000);
});
