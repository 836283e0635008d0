import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { runSeedCommand } from '../../deploy/seed/main.ts';
import { seededUserId } from '../../deploy/seed/life.ts';
import { seededPerson, type SeededPerson } from '../../deploy/seed/person.ts';
import { startFile } from '../support/child-process.ts';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, query, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

const PASSWORD = 'Seeded-Person-7';
const USERS = 300;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

interface Run {
  readonly code: number;
  readonly said: string;
}

const seed = async (words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const never = new AbortController().signal;
  const code = await runSeedCommand(words, { ...rollbook.env, ...env }, never, { log: say, error: say });
  return { code, said: lines.join('\n') };
};

const total = async (): Promise<number> => {
  const { body } = await call(rollbook.url, 'GET', '/users?page_size=1', { token: await journey.admin() });
  return body.pagination.total_items;
};

/** The people that any run with this seed makes; only their times hang on the clock. */
const peopleOf = (which: number, users: number): readonly SeededPerson[] =>
  Array.from({ length: users }, (_none, n) => seededPerson({ seed: which, users, until: Date.now() }, n));

describe('npm run seed', () => {
  let first: Run;
  beforeAll(async () => {
    first = await seed(['--users', String(USERS)]);
  }, 120_000);

  test('brings everybody into the list', async () => {
    expect([first.code, first.said]).toStrictEqual([0, expect.stringContaining(`${USERS} people are in the log`)]);
    expect(first.said).toContain(PASSWORD);
    expect(await total()).toBe(USERS + 1);
  });

  test('makes people who sign in with the password that it tells, and whose names are taken', async () => {
    const active = peopleOf(1, USERS).find((person) => person.provedAt !== null && person.deactivatedAt === null)!;
    const signedIn = await journey.post('/auth/login', { email: active.email, password: PASSWORD });
    expect([signedIn.status, signedIn.body.user?.username]).toStrictEqual([200, active.username]);
    const again = await journey.post('/users', { email: active.email.toUpperCase(), password: 'Correct-Horse-7' });
    expect(refusal(again).slice(0, 2)).toStrictEqual([409, 'CONFLICT']);
    const sameName = { email: 'new@example.com', username: active.username, password: 'Correct-Horse-7' };
    expect(refusal(await journey.post('/users', sameName)).slice(0, 2)).toStrictEqual([409, 'CONFLICT']);
  });

  test('sends no mail', async () => {
    // Each of them asked for one; the mailer looks at it and finds that it is worth nothing any more.
    const looked = "select from mailer.deliveries where status = 'expired'";
    await until('the mailer is through', async () => (await query(rollbook, looked)).length >= USERS, 60_000);
    const seeded = new Set(peopleOf(1, USERS).map(({ email }) => email));
    expect(rollbook.smtp.received.filter(({ recipients }) => recipients.some((one) => seeded.has(one)))).toEqual([]);
  }, 90_000);

  test('refuses a log with people, unless more are wished for', async () => {
    const again = await seed(['--users', '10']);
    expect([again.code, again.said]).toStrictEqual([1, expect.stringContaining('--add')]);
    expect(await total()).toBe(USERS + 1);
    // Their addresses are taken: nobody comes twice.
    const same = await seed(['--users', String(USERS), '--add']);
    expect([same.code, await total()]).toStrictEqual([0, USERS + 1]);
  }, 60_000);

  test('that is killed leaves whole people, and goes on where it was', async () => {
    const users = 1_000;
    const words = ['--users', String(users), '--seed', '2', '--add'];
    const run = startFile('deploy/seed/main.ts', words, rollbook.env);
    const isThere = async (n: number): Promise<boolean> =>
      (await rollbook.store.read(userStream(seededUserId(2, n)), { limit: 1 })).length > 0;
    await until('the first is written', () => isThere(0), 60_000);
    await run.stop('SIGKILL');

    const events = await eventsIn(rollbook);
    const claims = new Set(events.filter(({ type }) => /Claimed$/.test(type)).map(({ id }) => id));
    const registered = events.filter(({ type }) => type === 'UserRegistered').map(({ data }) => data);
    const namesOf = registered.flatMap(({ emailClaimId, usernameClaimId }) => [emailClaimId, usernameClaimId]);
    expect(registered.length).toBeLessThan(USERS + 1 + users);
    expect(namesOf.filter((id) => typeof id !== 'string' || !claims.has(id))).toStrictEqual([]);

    const rest = await seed([...words, '--continue']);
    expect([rest.code, rest.said]).toStrictEqual([0, expect.stringContaining('Everybody is in the read models')]);
    expect(await total()).toBe(USERS + 1 + users);
    const missing = [];
    for (const { n } of peopleOf(2, users)) if (!(await isThere(n))) missing.push(n);
    expect(missing).toStrictEqual([]);
    const ids = (await eventsIn(rollbook)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }, 240_000);

  test('says what it needs', async () => {
    expect(await seed(['--help'])).toStrictEqual({ code: 0, said: expect.stringContaining('Usage: npm run seed') });
    expect((await seed([])).code).toBe(2);
    expect((await seed(['--users', 'many'])).code).toBe(2);
    expect((await seed(['--users', '5', '--sed', '2'])).code).toBe(2);
    const asThere = { NODE_ENV: 'production', BCRYPT_COST: '10' };
    const production = await seed(['--users', '5', '--add', '--seed', '3'], asThere);
    expect([production.code, production.said]).toStrictEqual([1, expect.stringContaining('--production')]);
    const noKey = await seed(['--users', '5'], { DIGEST_KEY: '' });
    expect([noKey.code, noKey.said]).toStrictEqual([78, expect.stringContaining('DIGEST_KEY')]);
    const otherKey = await seed(['--users', '5', '--add'], { DIGEST_KEY: Buffer.alloc(32, 1).toString('base64') });
    expect([otherKey.code, otherKey.said]).toStrictEqual([78, expect.stringContaining('DIGEST_KEY')]);
    const nowhere = await seed(['--users', '5'], { DATABASE_URL: '', DATA_DIR: '/nonexistent' });
    expect([nowhere.code, nowhere.said]).toStrictEqual([78, expect.stringContaining('npm start')]);
  });
});
