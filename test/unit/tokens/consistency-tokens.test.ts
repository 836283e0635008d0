import { describe, expect, test } from '@jest/globals';
import type { Position } from '@rollbook/shared/event-log/event';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';

const key = (id: string, fill: number) => ({ id, secret: Buffer.alloc(32, fill) });
const tokens = new ConsistencyTokens([key('m1', 1)]);
const point = { logId: 'log', position: '00000000000000000042' as Position, stream: 'user-x', revision: 3 };
const token = tokens.issue(point);
const parts = token.split('.');
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A consistency token', () => {
  test('is read back as it was issued', () => {
    expect(tokens.read(token)).toStrictEqual(point);
  });

  test('issued before a rotation of the master key is still read', () => {
    expect(new ConsistencyTokens([key('m2', 2), key('m1', 1)]).read(token)).toStrictEqual(point);
  });

  test('of another installation is not', () => {
    expect(new ConsistencyTokens([key('m1', 2)]).read(token)).toBeNull();
    expect(new ConsistencyTokens([key('m2', 1)]).read(token)).toBeNull();
  });

  test('with any character changed is not read, or says the same', () => {
    for (let index = 0; index < token.length; index += 1) {
      const changed = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
      const read = tokens.read(changed);
      // The last character of a base64 text has bits that mean nothing.
      if (read !== null) expect(read).toStrictEqual(point);
      if (index < token.length - 1) expect(read).toBeNull();
    }
  });

  test.each([
    ['nothing', ''],
    ['dots', '..'],
    ['no MAC', parts.slice(0, 2).join('.')],
    ['an empty MAC', `${parts[0] ?? ''}.${parts[1] ?? ''}.`],
    ['a part too many', `${token}.x`],
    ['another content', `${parts[0] ?? ''}.${encode(['log', '9', 'user-x', 3])}.${parts[2] ?? ''}`],
    ['an unknown key', `${Buffer.from('m9').toString('base64url')}.${parts[1] ?? ''}.${parts[2] ?? ''}`],
    ['a position', '00000000000000000042'],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('with %s is none', (_name, text) => {
    expect(tokens.read(text)).toBeNull();
  });
});
