import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { userStream } from '@rollbook/shared/contracts/streams';
import type { Position } from '@rollbook/shared/event-log/event';
import { ConsistencyTokens, type ConsistencyPoint } from '@rollbook/shared/tokens/consistency-tokens';
import { journeyOn, PASSWORD, query } from '../support/journey.ts';
import { holdReadModels, NEED_NOT_WAIT, OWN_WRITES, QUERIES, type OwnWrite } from '../support/own-writes.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

/** Whoever has written something sends the `Consistency-Token` of the answer with their next query. */

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

const asked = QUERIES.filter((id) => !NEED_NOT_WAIT.has(id));
/** ms in which a query that does not wait would have answered. */
const LONG_ENOUGH = 500;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
const writes = new Map<string, OwnWrite>();
const early = new Map<string, Told | null>();
const answers = new Map<string, Told>();
/** What is answered to a token that is ahead of everything: asked all at once, since each waits for two seconds. */
const ahead = new Map<string, Told>();

const ask = async ({ path, token }: OwnWrite, consistencyToken: string, more: object = {}): Promise<Told> => {
  const headers = { authorization: `Bearer ${token}`, 'consistency-token': consistencyToken, ...more };
  const response = await fetch(`${rollbook.url}/v1${path}`, { headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('application/json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};

const tokenOf = ({ write }: OwnWrite): string => write.headers.get('consistency-token') ?? '';
/** A token is not secret: it says where the write stands. */
const placeOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as string[])[1] ?? '';

/** A token that was given out here, for a write like this one. */
const issue = async (own: OwnWrite, point: Partial<ConsistencyPoint>): Promise<string> => {
  const [name = '', secret = ''] = rollbook.env['MASTER_KEY']!.split(':');
  const tokens = new ConsistencyTokens([{ id: name, secret: Buffer.from(secret, 'base64') }]);
  const position = placeOf(tokenOf(own)) as Position;
  const stream = userStream(randomUUID());
  return tokens.issue({ logId: await rollbook.store.logId(), position, stream, revision: 0, ...point });
};

beforeAll(async () => {
  rollbook = await startRollbook({
    LOG_LEVEL: 'fatal',
    RATE_LIMIT_PER_HOUR: '0',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
  });
  journey = journeyOn(rollbook);
  const admin = await journey.admin();
  const create = async (username: string) => {
    const body = { email: `${username}@example.com`, username, password: PASSWORD };
    const { id } = (await journey.post('/users', body, { token: admin })).body as { id: string };
    return { id, token: String((await journey.signIn(username)).body.access_token) };
  };
  const prepared = new Map<string, () => Promise<OwnWrite>>();
  for (const id of asked) {
    const prepare = OWN_WRITES[id];
    if (prepare) prepared.set(id, await prepare({ rollbook, admin, create }));
  }
  const held = await holdReadModels(rollbook);
  let reading: Promise<unknown>[];
  try {
    for (const [id, write] of prepared) writes.set(id, await write());
    reading = [...writes].map(async ([id, own]) => {
      // 503 is a true answer while the read model is behind: then one comes again.
      for (const end = Date.now() + 60_000; ;) {
        const told = await ask(own, tokenOf(own));
        answers.set(id, told);
        if (told.status !== 503 || Date.now() > end) return;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, LONG_ENOUGH));
    for (const id of writes.keys()) early.set(id, answers.get(id) ?? null);
  } finally {
    await held.letGo();
  }
  await Promise.all(reading);
  await Promise.all(
    [...writes].map(async ([id, own]) => {
      const position = placeOf(tokenOf(own)).replaceAll(/\d/g, '9') as Position;
      ahead.set(id, await ask(own, await issue(own, { position })));
    }),
  );
}, 180_000);
afterAll(() => rollbook.stop());

test('every query has its line in this journey', () => {
  expect(asked.filter((id) => OWN_WRITES[id] === undefined)).toStrictEqual([]);
});

test('ETags are on what a person and a picture are, and on nothing else', () => {
  const tagged = [...answers].filter(([, { headers }]) => headers.has('etag')).map(([id]) => id);
  expect(tagged.sort()).toStrictEqual(['getMe', 'getPicture', 'getUser']);
});

describe.each(asked.filter((id) => OWN_WRITES[id] !== undefined))('%s, with a Consistency-Token,', (id) => {
  const own = (): OwnWrite => writes.get(id)!;
  const saysHowFar = ({ headers }: Told): void => {
    expect(headers.get('projection-position')).toMatch(/^\d{20}(-\d{20})?$/);
    expect(headers.get('projection-lag-ms')).toMatch(/^\d+$/);
  };

  test('waits for the read model, and then shows what was written', () => {
    expect([own().write.status < 300, tokenOf(own()) !== '']).toStrictEqual([true, true]);
    expect(early.get(id)).toBeNull();
    const told = answers.get(id)!;
    expect(own().shows(told.body, told.status)).toBe(true);
    if (!own().mayRefuse) expect(told.status).toBe(200);
    saysHowFar(told);
    expect(told.headers.get('projection-position')! >= placeOf(tokenOf(own()))).toBe(true);
    expect(told.headers.get('cache-control')).toBe('no-store');
  });

  test('is answered by 304 to whoever has its ETag, in whatever form they name it', async () => {
    const etag = answers.get(id)!.headers.get('etag');
    const to = (ifNoneMatch: string): Promise<Told> => ask(own(), tokenOf(own()), { 'if-none-match': ifNoneMatch });
    if (etag === null) {
      expect((await to('*')).status).not.toBe(304);
      return;
    }
    for (const known of [etag, `W/${etag}`, '*', `"other", ${etag}`, `W/"other" ,W/${etag}, "third"`]) {
      const told = await to(known);
      expect([known, told.status, told.body, told.headers.get('etag')]).toStrictEqual([known, 304, '', etag]);
      expect(told.headers.get('cache-control')).toBe('no-store');
      saysHowFar(told);
    }
    for (const other of ['"other"', 'W/"other", "third"', etag.slice(1, -1), `${etag}x`, `w/${etag}`])
      expect([other, (await to(other)).status]).toStrictEqual([other, 200]);
  });

  test('that is ahead of everything is 503, with how long to wait and how far the read model is', () => {
    const told = ahead.get(id)!;
    expect([told.status, told.headers.get('retry-after')]).toStrictEqual([503, '1']);
    saysHowFar(told);
  });

  test('of another log is 400', async () => {
    const told = await ask(own(), await issue(own(), { logId: randomUUID() }));
    expect([told.status, told.body.error.details[0].code]).toStrictEqual([400, 'other_log']);
    saysHowFar(told);
  });

  test('that was not given out here is 400', async () => {
    const told = await ask(own(), 'nonsense');
    expect([told.status, told.body.error.details[0].code]).toStrictEqual([400, 'malformed']);
  });

  test('of a person with parked events is 503, and other people’s are answered', async () => {
    const stuck = randomUUID();
    await query(
      rollbook,
      `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
       select name, version, $1, $2, gen_random_uuid(), $3, 0, 'ProfileChanged', 'test'
       from read_model.projections where state = 'live'`,
      [placeOf(tokenOf(own())), stuck, userStream(stuck)],
    );
    try {
      const told = await ask(own(), await issue(own(), { stream: userStream(stuck) }));
      expect(told.status).toBe(503);
      saysHowFar(told);
      expect((await ask(own(), await issue(own(), {}))).status).toBeLessThan(500);
    } finally {
      await query(rollbook, 'delete from read_model.parked_events where person = $1', [stuck]);
    }
  });
});
