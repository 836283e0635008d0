import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, query, refusal, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());
beforeEach(() => forgetAnswers());

/** As after a crash between the append and the storing of the answer, or a lost table. */
const forgetAnswers = () => query(rollbook, 'delete from command.stored_answers');
const key = (value: string): Record<string, string> => ({ 'idempotency-key': value });
const register = (name: string, idempotencyKey: string, more: object = {}, token?: string): Promise<ClientAnswer> =>
  journey.register(name, more, { headers: key(idempotencyKey), ...(token === undefined ? {} : { token }) });
/** What a repeat must share with the first answer. */
const seen = ({ status, body, headers }: ClientAnswer) => ({
  status,
  body,
  headers: ['location', 'etag'].map((name) => headers.get(name)),
});

describe('A registration sent again with its key', () => {
  test('gets the first answer again, and nothing happens twice', async () => {
    const first = await register('once', 'k');
    const events = await countEvents(rollbook);
    for (let time = 0; time < 3; time += 1) {
      const repeat = await register('once', 'k');
      expect(seen(repeat)).toStrictEqual(seen(first));
      expect(repeat.headers.get('consistency-token')).toBe(first.headers.get('consistency-token'));
    }
    expect(await countEvents(rollbook)).toBe(events);
    await journey.mailTo('once@example.com');
    expect(journey.mailsTo('once@example.com')).toHaveLength(1);
  });

  test('with the fields in another order, or a field’s spacing, is the same body', async () => {
    const first = await register('order', 'k');
    const text = JSON.stringify({ password: PASSWORD, username: 'order', email: 'order@example.com' }, null, 2);
    const headers = { ...key('k'), 'content-type': 'application/json' };
    const repeat = await fetch(`${rollbook.url}/v1/users`, { method: 'POST', headers, body: text });
    expect([repeat.status, await repeat.json()]).toStrictEqual([201, first.body]);
  });

  test('gets it also when the stored answer was lost: the log knows', async () => {
    const first = await register('crash', 'k');
    await forgetAnswers();
    const events = await countEvents(rollbook);
    expect(seen(await register('crash', 'k'))).toStrictEqual(seen(first));
    expect(await countEvents(rollbook)).toBe(events);
  });

  test('gets the answer of that time, whatever happened since', async () => {
    const first = await register('since', 'k');
    await journey.verify('since');
    expect(seen(await register('since', 'k'))).toStrictEqual(seen(first));
    await forgetAnswers();
    expect(seen(await register('since', 'k'))).toStrictEqual(seen(first));
  });

  test('many times at once makes one person', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => register('burst', 'k')));
    expect(new Set(answers.map((answer) => JSON.stringify(seen(answer))))).toHaveProperty('size', 1);
    expect(answers[0]?.status).toBe(201);
    const id = String(answers[0]?.body.id);
    expect(await typesIn(rollbook, `user-${id}`)).toStrictEqual(['UserRegistered', 'EmailVerificationRequested']);
  });

  test('while the first still runs waits, then says so', async () => {
    await register('running', 'k');
    await query(
      rollbook,
      `update command.stored_answers set state = 'running', lease_until = now() + interval '1 minute'`,
    );
    const repeat = await register('running', 'k');
    expect(refusal(repeat)).toStrictEqual([409, 'CONFLICT', 'Idempotency-Key', 'in_progress']);
    expect(repeat.headers.get('retry-after')).toBe('1');
  });

  test('goes on where a process died that had begun', async () => {
    const first = await register('died', 'k');
    await query(
      rollbook,
      `update command.stored_answers set state = 'running', lease_until = now() - interval '1 second'`,
    );
    expect(seen(await register('died', 'k'))).toStrictEqual(seen(first));
  });

  test('after the person was erased is 404, with or without the stored answer', async () => {
    await register('erased', 'k');
    const token = linkToken(await journey.mailTo('erased@example.com'), 'reject-registration');
    await journey.post('/auth/reject-registration', { token });
    const events = await countEvents(rollbook);
    expect(refusal(await register('erased', 'k'))).toStrictEqual([404, 'NOT_FOUND']);
    await forgetAnswers();
    expect(refusal(await register('erased', 'k'))).toStrictEqual([404, 'NOT_FOUND']);
    expect(await countEvents(rollbook)).toBe(events);
    expect((await register('erased', 'another-key')).status).toBe(201);
  });

  test('after a refusal is decided again', async () => {
    await register('owner', 'k');
    const refused = await register('owner', 'k2', { email: 'owner2@example.com' });
    expect(refusal(refused)).toStrictEqual([409, 'CONFLICT', 'username', 'taken']);
    const token = linkToken(await journey.mailTo('owner@example.com'), 'reject-registration');
    await journey.post('/auth/reject-registration', { token });
    expect((await register('owner', 'k2', { email: 'owner2@example.com' })).status).toBe(201);
  });
});

describe('One key used by two', () => {
  test('strangers with different bodies are two commands', async () => {
    const [one, two] = await Promise.all([register('stranger1', 'shared'), register('stranger2', 'shared')]);
    expect([one.status, two.status]).toStrictEqual([201, 201]);
    expect(one.body.id).not.toBe(two.body.id);
  });

  test('a stranger and an administrator never meet', async () => {
    await register('meet', 'shared');
    expect(refusal(await register('meet', 'shared', {}, admin))).toStrictEqual([409, 'CONFLICT', 'email', 'taken']);
  });
});

describe('A signed-in person’s key', () => {
  test('gives the first answer again, and another body is 422', async () => {
    const first = await register('staffed', 'k', { role: 'moderator' }, admin);
    expect(first.status).toBe(201);
    expect(seen(await register('staffed', 'k', { role: 'moderator' }, admin))).toStrictEqual(seen(first));
    const other = await register('staffed', 'k', { role: 'manager' }, admin);
    expect(refusal(other)).toStrictEqual([422, 'UNPROCESSABLE_ENTITY', 'Idempotency-Key', 'reused']);
  });

  test('may be used again for another body after a refusal', async () => {
    expect((await register('staffed', 'k3', {}, admin)).status).toBe(409);
    expect((await register('staffed3', 'k3', {}, admin)).status).toBe(201);
  });

  test('gives nothing after signing out', async () => {
    const manager = await journey.staff('boss', 'manager');
    expect((await register('bymanager', 'k', {}, manager)).status).toBe(201);
    await call(rollbook.url, 'POST', '/auth/logout', { token: manager });
    const ended = [401, 'UNAUTHORIZED', 'Authorization', 'session_ended'];
    expect(refusal(await register('bymanager', 'k', {}, manager))).toStrictEqual(ended);
    await forgetAnswers();
    expect(refusal(await register('bymanager', 'k', {}, manager))).toStrictEqual(ended);
  });
});

describe('Other commands sent again with their key', () => {
  test('a verification gives the first answer again', async () => {
    await journey.register('verifier');
    const token = linkToken(await journey.mailTo('verifier@example.com'), 'verify-email');
    const verify = (value: string) => journey.post('/auth/verify-email', { token }, { headers: key(value) });
    const first = await verify('v');
    expect(seen(await verify('v'))).toStrictEqual(seen(first));
    await forgetAnswers();
    expect(seen(await verify('v'))).toStrictEqual(seen(first));
    expect(refusal(await verify('w'))).toStrictEqual([400, 'VALIDATION_ERROR', 'token', 'token_used']);
  });

  test('a rejection is 204 again', async () => {
    await journey.register('rejecter');
    const token = linkToken(await journey.mailTo('rejecter@example.com'), 'reject-registration');
    const reject = (value: string) => journey.post('/auth/reject-registration', { token }, { headers: key(value) });
    expect((await reject('r')).status).toBe(204);
    expect((await reject('r')).status).toBe(204);
    expect(refusal(await reject('s'))).toStrictEqual([400, 'VALIDATION_ERROR', 'token', 'token_used']);
  });

  test('a verification’s If-Match is met by its own effect', async () => {
    await journey.register('iffy');
    const token = linkToken(await journey.mailTo('iffy@example.com'), 'verify-email');
    const headers = { ...key('i'), 'if-match': '"1"' };
    const first = await journey.post('/auth/verify-email', { token }, { headers });
    await forgetAnswers();
    expect(seen(await journey.post('/auth/verify-email', { token }, { headers }))).toStrictEqual(seen(first));
  });
});

describe('A key', () => {
  test.each(['', 'a b', 'é', 'x'.repeat(256)])('%p is 400', async (value) => {
    const answer = await journey.register('badkey', {}, { headers: key(value) });
    expect(refusal(answer)).toStrictEqual([400, 'VALIDATION_ERROR', 'Idempotency-Key', 'malformed']);
  });

  test('is not kept in the clear, nor is the answer', async () => {
    await register('hidden', 'a-secret-key');
    const rows = JSON.stringify(
      await query(rollbook, "select *, encode(ciphertext, 'escape') as text from command.stored_answers"),
    );
    expect(rows).not.toMatch(/a-secret-key|hidden/);
    expect(rows).toContain('done');
  });
});
