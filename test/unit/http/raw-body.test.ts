import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { Admission } from '@rollbook/shared/http/admission';
import { buildApp } from '@rollbook/shared/http/build-app';
import { defineEndpoint } from '@rollbook/shared/http/endpoint';
import { listen, type Listening } from '@rollbook/shared/http/server';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { reject } from '@rollbook/shared/contracts/rejections';
import { z } from 'zod';
import { codeOf, detailsOf, probe, type Seen } from '../../support/http-probe.ts';

const ID = '7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11';
const LIMIT = 1_000;
const admission = new Admission(3, 2);
const about = {
  summary: '',
  description: '',
  tag: 'Service',
  permission: { who: 'anyone' },
  token: 'ignored',
} as const;
const params = z.strictObject({ id: z.uuid() });
let work = (): Promise<void> => Promise.resolve();

/** Takes bytes, and gives bytes back. */
const endpoints = [
  defineEndpoint({
    ...about,
    operation: 'setPicture',
    params,
    bytes: {
      types: 'image/*',
      limit: LIMIT,
      admit: (bearer) => admission.enter(bearer ?? '') ?? reject('picture_queue_full'),
    },
    answers: {},
    errors: [],
    handle: async ({ bytes }, { rawBody }) => {
      await work();
      return { status: 200, body: { length: bytes.length, rawBody } };
    },
  }),
  defineEndpoint({
    ...about,
    operation: 'getPicture',
    params,
    answers: {},
    errors: [],
    handle: () =>
      Promise.resolve({
        status: 200,
        bytes: { type: 'image/webp', content: Buffer.from([0, 255, 13, 10]) },
        headers: { ETag: '"abc"' },
      }),
  }),
];

let server: Listening;
beforeAll(async () => {
  const app = buildApp({ endpoints, clock, random, log: pino({ level: 'silent' }), health: {} });
  server = await listen(app, { host: '127.0.0.1', port: 0, clock, random });
});
afterAll(() => server.close());

const put = (body: Buffer, headers: Record<string, string> = { 'Content-Type': 'image/png' }): Promise<Seen> =>
  probe(server.url, { method: 'PUT', path: `/v1/users/${ID}/picture`, headers, body });

describe('A body that is taken as bytes', () => {
  test('arrives as it came, whatever its bytes, and is known to the command by its digest', async () => {
    const body = Buffer.from([0, 1, 2, 255, 254, 13, 10]);
    const seen = await put(body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect([seen.status, JSON.parse(seen.text)]).toEqual([200, { length: 7, rawBody: { sha256 } }]);
    expect((await put(Buffer.alloc(LIMIT), { 'Content-Type': 'Image/PNG; x=y' })).status).toBe(200);
  });

  test.each(['application/json', 'imagex/png', 'image/', 'image', 'text/plain; image/png', ''])(
    'is refused as «%s»: 415',
    async (type) => {
      const seen = await put(Buffer.from('x'), { 'Content-Type': type });
      expect([seen.status, codeOf(seen)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    },
  );

  test('is refused without a type, in a content coding, too long or empty', async () => {
    expect((await put(Buffer.from('x'), {})).status).toBe(415);
    expect((await put(Buffer.from('x'), { 'Content-Type': 'image/png', 'Content-Encoding': 'gzip' })).status).toBe(415);
    for (const headers of [
      { 'Content-Type': 'image/png' },
      { 'Content-Type': 'image/png', 'Transfer-Encoding': 'chunked' },
    ])
      expect((await put(Buffer.alloc(LIMIT + 1), headers)).status).toBe(413);
    const empty = await put(Buffer.alloc(0), { 'Content-Type': 'image/png', 'Content-Length': '0' });
    expect([empty.status, detailsOf(empty)]).toEqual([400, ['body: required']]);
  });

  test('is not even read when too many are under way; each place is given back, also after a fault', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    work = () => held;
    const both = [put(Buffer.from('a')), put(Buffer.from('b'))];
    while (admission.taken < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const third = await put(Buffer.from('c'));
    expect([third.status, third.headers['retry-after']]).toEqual([503, '2']);
    release();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    work = () => Promise.reject(new Error('broken'));
    expect((await put(Buffer.from('d'))).status).toBe(500);
    expect((await put(Buffer.from('e'), { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect(admission.taken).toBe(0);
    work = () => Promise.resolve();
    expect((await put(Buffer.from('f'))).status).toBe(200);
  });
});

describe('An answer of bytes', () => {
  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> =>
    probe(server.url, { method, path: `/v1/users/${ID}/picture`, headers });

  test('has its own type and length, and the headers of every answer', async () => {
    const seen = await get();
    expect(seen.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-length': '4',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  test('is 304 when it is the one that the caller has, and headers alone for HEAD', async () => {
    const same = await get({ 'If-None-Match': '"abc"' });
    expect([same.status, same.text]).toEqual([304, '']);
    const head = await get({}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '4', '']);
  });
});
