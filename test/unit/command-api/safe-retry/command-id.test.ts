import { describe, expect, test } from '@jest/globals';
import { commandIdOf, type CommandIdentity } from '../../../../command-api/src/safe-retry/command-id.ts';
import { commandOf } from '../../../../command-api/src/safe-retry/run-safely.ts';
import { personIdOf } from '../../../../command-api/src/command/command.ts';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import type { RequestContext } from '@rollbook/shared/http/endpoint';

const KEY = Buffer.alloc(32, 7);
const identity: CommandIdentity = {
  caller: 'anonymous',
  method: 'POST',
  url: '/v1/users',
  idempotencyKey: 'key-1',
  body: { email: 'ada@example.com', username: 'ada_l' },
};
const idOf = (change: Partial<CommandIdentity> = {}, attempt = 0) =>
  commandIdOf(KEY, { ...identity, ...change }, attempt);

describe('The id of a command', () => {
  test('is the same for the same command, for ever', () => {
    expect(idOf()).toBe('87c9ac56-adb5-8e79-a37d-2716f0ce884d');
  });

  test('does not depend on the order of the body’s fields', () => {
    expect(idOf({ body: { username: 'ada_l', email: 'ada@example.com' } })).toBe(idOf());
  });

  test.each<[string, Partial<CommandIdentity>]>([
    ['caller', { caller: '11111111-1111-4111-8111-111111111111' }],
    ['method', { method: 'PUT' }],
    ['path', { url: '/v1/users?x=1' }],
    ['key', { idempotencyKey: 'key-2' }],
    ['body', { body: { email: 'ada@example.com', username: 'ada_L' } }],
  ])('is another one for another %s', (_name, change) => {
    expect(idOf(change)).not.toBe(idOf());
  });

  test('is another one for the next attempt, and under another digest key', () => {
    expect(idOf({}, 1)).not.toBe(idOf());
    expect(commandIdOf(Buffer.alloc(32, 8), identity, 0)).not.toBe(idOf());
  });

  test('cannot be met by moving characters from one part to the next', () => {
    expect(idOf({ method: 'POS', url: 'T/v1/users' })).not.toBe(idOf());
  });
});

describe('A request', () => {
  const context = (idempotencyKey: string | null): RequestContext => ({
    requestId: 'req_1',
    permission: { who: 'anyone' },
    correlationId: 'cor_1',
    origin: { address: null, userAgent: null },
    method: 'POST',
    url: '/v1/users',
    bearer: null,
    idempotencyKey,
    ifMatch: '"1"',
    ifNoneMatch: null,
    consistencyToken: null,
    lastEventId: null,
    browserOrigin: null,
    cookies: null,
    rawBody: identity.body,
  });
  const command = (key: string | null) => commandOf({ random: systemRandom, digestKey: KEY }, context(key), null);

  test('with a key is the same command each time, and makes the same person', () => {
    expect(command('key-1').idOf(0)).toBe(idOf());
    expect(personIdOf(command('key-1').idOf(0))).toBe(personIdOf(idOf()));
    expect(command('key-1').keyed).toBe(true);
  });

  test('without a key is never the same command, but is one command in all its rounds', () => {
    const one = command(null);
    expect(one.idOf(0)).toBe(one.idOf(0));
    expect(one.idOf(1)).not.toBe(one.idOf(0));
    expect(command(null).idOf(0)).not.toBe(one.idOf(0));
    expect(one.keyed).toBe(false);
  });
});
