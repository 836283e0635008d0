import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ REGISTRATION_DISCLOSURE: 'private' });
  journey = journeyOn(rollbook);
});
afterAll(() => rollbook.stop());

/** All of an answer that a stranger could compare. */
const visible = ({ status, body, headers }: ClientAnswer) => ({ status, body, headers: [...headers.keys()] });
const events = () => countEvents(rollbook, 'UserRegistered');

describe('Where registration tells nothing', () => {
  test('a free and a known address get one and the same answer, and one mail each', async () => {
    const free = await journey.register('priya');
    const first = await journey.mailTo('priya@example.com');
    const known = await journey.register('other', { email: 'PRIYA@example.com' });
    const second = await journey.mailTo('priya@example.com', 2);
    expect(free.status).toBe(202);
    expect(visible(known)).toStrictEqual(visible(free));
    for (const name of ['location', 'etag', 'consistency-token']) expect(free.headers.get(name)).toBeNull();
    expect(JSON.stringify(free.body)).not.toMatch(/priya|[0-9a-f]{8}-/);
    expect(() => linkToken(first, 'verify-email')).not.toThrow();
    expect(() => linkToken(second, 'verify-email')).toThrow('no link');
    expect((await journey.verify('priya')).status).toBe(200);
    expect((await journey.signIn('priya')).status).toBe(200);
  });

  test('a known address is told again of every attempt, but never registered twice', async () => {
    const before = await events();
    await journey.register('other2', { email: 'priya@example.com' });
    await journey.mailTo('priya@example.com', 3);
    expect(await events()).toBe(before);
    expect((await journey.signIn('other2')).status).toBe(401);
  });

  test('a taken username is told, for usernames are public', async () => {
    const answer = await journey.register('priya', { email: 'somebody@example.com' });
    expect(refusal(answer)).toStrictEqual([409, 'CONFLICT', 'username', 'taken']);
    const both = await journey.register('priya');
    expect(refusal(both)).toStrictEqual([409, 'CONFLICT', 'username', 'taken']);
  });

  test('a bad form is refused alike for known and unknown addresses', async () => {
    const weak = { username: null, password: 'weak' };
    const known = await journey.register('x', { ...weak, email: 'priya@example.com' });
    const unknown = await journey.register('x', { ...weak, email: 'unknown@example.com' });
    expect(refusal(known)).toStrictEqual(refusal(unknown));
    expect(known.status).toBe(400);
  });

  test('a username lost after the answer is replaced by a derived one', async () => {
    const names = ['racer1', 'racer2'];
    const answers = await Promise.all(names.map((name) => journey.register('racer', { email: `${name}@example.com` })));
    expect(answers.map(({ status }) => status)).toStrictEqual([202, 202]);
    await Promise.all(names.map((name) => journey.mailTo(`${name}@example.com`)));
    const verified = await Promise.all(names.map((name) => journey.verify(name)));
    const usernames = verified.map(({ body }) => String(body.username));
    expect(new Set(usernames).size).toBe(2);
    expect(usernames).toContain('racer');
    expect(usernames.find((name) => name !== 'racer')).toMatch(/^racer[12]$/);
  });

  test('one address asked for many times at once makes one person', async () => {
    const before = await events();
    const wanted = { email: 'crowd@example.com', username: null };
    const answers = await Promise.all(Array.from({ length: 20 }, () => journey.register('x', wanted)));
    expect(new Set(answers.map((answer) => JSON.stringify(visible(answer))))).toHaveProperty('size', 1);
    expect(answers[0]?.status).toBe(202);
    await journey.mailTo('crowd@example.com');
    expect(await events()).toBe(before + 1);
  });

  test('a repeat with its key makes one person and one mail', async () => {
    const options = { headers: { 'idempotency-key': 'k' } };
    const one = await journey.register('repeat', {}, options);
    await journey.mailTo('repeat@example.com');
    const two = await journey.register('repeat', {}, options);
    expect(visible(two)).toStrictEqual(visible(one));
    await journey.register('marker');
    await journey.mailTo('marker@example.com');
    expect(journey.mailsTo('repeat@example.com')).toHaveLength(1);
  });

  test('staff still see what they do', async () => {
    const token = await journey.admin();
    const made = await journey.post('/users', { email: 'made@example.com', password: PASSWORD }, { token });
    expect(made.status).toBe(201);
    const again = await journey.post('/users', { email: 'made@example.com', password: PASSWORD }, { token });
    expect(refusal(again)).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
  });
});
