import { afterEach, describe, expect, test } from '@jest/globals';
import { reject } from '@rollbook/shared/contracts/rejections';
import type { StreamedBody } from '@rollbook/shared/http/send-stream';
import { codeOf, probe } from '../../support/http-probe.ts';
import { broken, endlessly, never, open, PATH, serve, stopSamples, until } from '../../support/streamed-sample.ts';

afterEach(stopSamples);

describe('A streamed answer whose reader may have no more', () => {
  const atOnce = { until: () => Promise.resolve(reject('session_ended')) };
  const later = (after: () => boolean): Partial<StreamedBody> => ({
    until: async () => {
      await until(after);
      return reject('session_ended');
    },
  });

  test('before its first byte is answered with the reason', async () => {
    const pieces = async function* (over: AbortSignal) {
      await never(over);
      yield 'too late';
    };
    const { url } = await serve(endlessly({ ...atOnce, pieces }));
    const seen = await probe(url, { path: PATH });
    expect([seen.status, codeOf(seen), seen.headers['www-authenticate']]).toEqual([
      401,
      'UNAUTHORIZED',
      'Bearer realm="rollbook", error="invalid_token"',
    ]);
  });

  test.each([
    ['an endless one ends', endlessly, 'whole'],
    ['any other one breaks off', broken, 'broken'],
  ] as const)('after it: %s', async (_title, body, expected) => {
    let over = false;
    const { url } = await serve(body(later(() => over)));
    const reader = await open(url);
    await until(() => reader.text === 'one ');
    over = true;
    expect([await reader.end, reader.text]).toEqual([expected, 'one ']);
  });

  test('ends also where nobody can tell any more', async () => {
    const pieces = async function* (over: AbortSignal) {
      await never(over);
      yield 'too late';
    };
    const { url } = await serve(endlessly({ pieces, until: () => Promise.reject(new Error('nobody knows')) }));
    const seen = await probe(url, { path: PATH });
    expect([seen.status, codeOf(seen)]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  });
});

describe('A server that stops', () => {
  test('ends an endless answer at once and properly, and does not wait for its reader', async () => {
    const sample = await serve(endlessly());
    const reader = await open(sample.url);
    await until(() => reader.text === 'one ');
    // It would wait for a minute.
    await sample.server.close(60_000);
    expect(await reader.end).toBe('whole');
  });

  test('cuts any other that does not come to its end in time', async () => {
    const sample = await serve(broken());
    const reader = await open(sample.url);
    await until(() => reader.text === 'one ');
    await sample.server.close(50);
    expect(await reader.end).toBe('broken');
  });
});
