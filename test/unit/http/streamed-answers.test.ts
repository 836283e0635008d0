import { afterEach, describe, expect, test } from '@jest/globals';
import { PATIENCE } from '@rollbook/shared/http/send-stream';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { codeOf, probe } from '../../support/http-probe.ts';
import type { Sample } from '../../support/sample-app.ts';
import { broken, endlessly, never, open, PATH, serve, stopSamples, until } from '../../support/streamed-sample.ts';

afterEach(stopSamples);

describe('A streamed answer', () => {
  test('is its pieces, one after the other, with the headers of the answer', async () => {
    const { url } = await serve({
      type: 'text/csv',
      // eslint-disable-next-line @typescript-eslint/require-await
      async *pieces() {
        yield '1\n';
        yield Buffer.from('2\n');
      },
    });
    const seen = await probe(url, { path: PATH });
    const { 'content-type': type, 'x-own': own, 'cache-control': cache } = seen.headers;
    expect([seen.status, type, own, cache, seen.text]).toEqual([200, 'text/csv', 'yes', 'no-store', '1\n2\n']);
  });

  test('arrives piece by piece, not at its end', async () => {
    const { url } = await serve(endlessly());
    const reader = await open(url);
    await until(() => reader.text === 'one ');
    reader.answer.destroy();
  });

  test('is one line in the log, at its end, whoever ended it', async () => {
    const requests = ({ lines }: Sample): readonly object[] =>
      lines.map((line) => JSON.parse(line) as { req?: object }).filter(({ req }) => req !== undefined);
    const sample = await serve(endlessly());
    const [left, sentAway] = [await open(sample.url), await open(sample.url)];
    await until(() => left.text === 'one ' && sentAway.text === 'one ');
    expect(requests(sample)).toStrictEqual([]);
    left.answer.destroy();
    await until(() => requests(sample).length === 1);
    await sample.server.close();
    const line = expect.objectContaining({ req: { method: 'GET', path: PATH }, res: { status: 200 } }) as unknown;
    expect(requests(sample)).toStrictEqual([line, line]);
  });

  test('has its headers alone for HEAD, and makes nothing', async () => {
    let asked = false;
    const { url } = await serve(
      endlessly({
        pieces: () => {
          asked = true;
          throw new Error('HEAD wants no pieces');
        },
      }),
    );
    const seen = await probe(url, { method: 'HEAD', path: PATH });
    expect([seen.status, seen.headers['content-type'], seen.text, asked]).toEqual([
      200,
      'text/event-stream',
      '',
      false,
    ]);
  });

  test('makes no more than its reader takes, and drops a reader who takes nothing for long', async () => {
    let made = 0;
    let over: AbortSignal | undefined;
    const piece = Buffer.alloc(64 * 1024, 'x');
    // The wait for the reader, and nothing else, is cut short.
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => systemClock.sleep(ms === PATIENCE ? 300 : ms, signal),
    };
    const body = broken({
      // eslint-disable-next-line @typescript-eslint/require-await
      async *pieces(signal) {
        over = signal;
        for (;;) {
          made += 1;
          yield piece;
        }
      },
    });
    const { url, lines } = await serve(body, clock);
    const reader = await open(url, { paused: true });
    await until(() => over?.aborted === true);
    // What the two ends of a loopback connection hold in the kernel is far less than this.
    expect(made * piece.length).toBeLessThan(64 * 1024 * 1024);
    expect(lines.some((line) => line.includes('a reader that took nothing any more was dropped'))).toBe(true);
    reader.answer.resume();
    expect(await reader.end).toBe('broken');
  });

  test('tells what makes it that its reader has gone', async () => {
    let over: AbortSignal | undefined;
    const { url } = await serve(
      endlessly({
        async *pieces(signal) {
          over = signal;
          yield 'one ';
          await never(signal);
        },
      }),
    );
    const reader = await open(url);
    await until(() => reader.text === 'one ');
    reader.answer.destroy();
    await until(() => over?.aborted === true);
  });
});

describe('A streamed answer that fails', () => {
  test('before its first byte is an error like any other, without the headers of the answer', async () => {
    const { url } = await serve(
      broken({
        // eslint-disable-next-line require-yield, @typescript-eslint/require-await
        async *pieces() {
          throw new Error('secret');
        },
      }),
    );
    const seen = await probe(url, { path: PATH });
    expect([seen.status, codeOf(seen), seen.headers['x-own']]).toEqual([500, 'INTERNAL_SERVER_ERROR', undefined]);
    expect(seen.text).not.toContain('secret');
  });

  test('after it breaks the connection, so that nobody takes the half for the whole', async () => {
    const sample = await serve(
      broken({
        async *pieces() {
          yield 'half';
          await systemClock.sleep(20);
          throw new Error('the source is gone');
        },
      }),
    );
    const reader = await open(sample.url);
    expect(await reader.end).toBe('broken');
    expect(sample.lines.some((line) => line.includes('the source is gone'))).toBe(true);
  });
});
