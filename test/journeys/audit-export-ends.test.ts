import { randomUUID } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { call } from '../support/client.ts';
import { eventsIn, journeyOn } from '../support/journey.ts';
import { lookAtIncoming } from '../support/look-at-answer.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { withLogOf } from '../support/write-to-log.ts';

/** The product's promise: no export goes on longer than this (ms) once the answer of what ended it is there. */
const PROMISED = 1_000;
/** So much (bytes) that it does not fit into what lies between the service and a reader who takes nothing. */
const EVENTS = 60;
const SIZE = 300_000;

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;

const fill = (): Promise<void> =>
  withLogOf(rollbook, async (log) => {
    const id = randomUUID();
    const about = {
      actor: { kind: 'person', id },
      requestId: 'test',
      correlationId: 'test',
      causationId: null,
    } as const;
    const origin = { address: null, userAgent: 'x'.repeat(SIZE) };
    let end = EMPTY_STREAM;
    for (let n = 0; n < EVENTS; n += 1) {
      const event = { type: 'SignedOutEverywhere', data: {}, personal: null } as const;
      await log.append(userStream(id), end, [event], { ...about, origin, commandId: randomUUID() });
      ({ end } = await log.read(userStream(id), { from: n }));
    }
  });

beforeAll(async () => {
  // Nothing is sealed but for an export.
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { sealing: { every: 1e9, most: 1e9 } });
  journey = journeyOn(rollbook);
  admin = await journey.admin();
  await fill();
}, 180_000);
afterAll(() => rollbook.stop());

/** Begins an export and takes nothing of it yet. */
const begin = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    httpGet(`${rollbook.url}/v1/audit/export`, { headers, agent: false }, (answer) => {
      lookAtIncoming({ method: 'GET', hostname: new URL(rollbook.url).hostname, path: '/v1/audit/export' }, answer);
      answer.pause();
      resolve(answer);
    }).on('error', reject);
  });

/** Reads on until it ends; `whole`: as HTTP has it. */
const readOn = async (answer: IncomingMessage): Promise<{ readonly text: string; readonly whole: boolean }> => {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer) pieces.push(piece as Buffer);
  } catch {
    // It was broken off.
  }
  return { text: Buffer.concat(pieces).toString('utf8'), whole: answer.complete };
};

describe('An export', () => {
  let length: number;

  test('seals the log by itself, however seldom the notary would', async () => {
    expect(await eventsIn(rollbook, 'CheckpointSigned')).toHaveLength(0);
    const answer = await begin(admin);
    expect(answer.statusCode).toBe(200);
    const { text, whole } = await readOn(answer);
    expect(whole).toBe(true);
    expect(text.slice(text.lastIndexOf('\n', text.length - 2) + 1)).toMatch(/^\{"checkpoint":/);
    expect(await eventsIn(rollbook, 'CheckpointSigned')).toHaveLength(1);
    length = text.length;
    expect(length).toBeGreaterThan(EVENTS * SIZE * 2);
  }, 120_000);

  const ENDINGS = {
    'the end of its key': async () => {
      const { body } = await journey.post('/api-keys', { name: 'siem', scopes: ['audit:read'] }, { token: admin });
      const end = () => call(rollbook.url, 'DELETE', `/api-keys/${String(body.id)}`, { token: admin });
      return { token: String(body.key), end };
    },
    'signing out': async () => {
      const token = await journey.staff('leaves', 'auditor');
      return { token, end: () => call(rollbook.url, 'POST', '/auth/logout', { token }) };
    },
    'another role': async () => {
      const token = await journey.staff('loses-role', 'auditor');
      const id = String((await journey.me(token)).body.id);
      const body = { role: 'manager' };
      return { token, end: () => call(rollbook.url, 'PUT', `/users/${id}/role`, { token: admin, body }) };
    },
  };
  test.each(Object.entries(ENDINGS))(
    'is broken off by %s, and never looks whole',
    async (_name, prepare) => {
      const { token, end } = await prepare();
      const answer = await begin(token);
      expect(answer.statusCode).toBe(200);
      expect([200, 204]).toContain((await end()).status);
      // What was on its way by now may still come, and nothing else.
      await sleep(PROMISED);
      const { text, whole } = await readOn(answer);
      expect(whole).toBe(false);
      expect(text).not.toContain('\n{"checkpoint":');
      expect(text.length).toBeLessThan(length * 0.75);
    },
    60_000,
  );
});

describe('While the notary does not seal', () => {
  test('an export is answered 503 within seconds, says when to ask again, and leaves nothing but that it was asked for', async () => {
    const token = await journey.staff('patient', 'auditor');
    await rollbook.services['projector']!.stop();
    const before = await rollbook.store.end();
    const ask = () => call(rollbook.url, 'GET', '/audit/export', { token });
    // One more than one may have at once.
    const asked = await Promise.all([ask(), ask(), ask(), ask()]);
    const answers = asked.filter(({ status }) => status !== 429);
    expect(answers).toHaveLength(3);
    const [over] = asked.filter(({ status }) => status === 429);
    expect([over?.headers.get('retry-after'), over?.body.error]).toStrictEqual([
      '5',
      expect.objectContaining({ code: 'RATE_LIMIT_EXCEEDED', message: expect.stringContaining('exports') }),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('retry-after')]).toStrictEqual([503, '10']);
      expect(body.error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('not sealed') });
    }
    const left = await rollbook.store.readAll({ after: before });
    expect(left.events.map(({ type }) => type)).toStrictEqual(['AuditExported', 'AuditExported', 'AuditExported']);
    // Their places are free again: else this were 429 at once.
    expect((await ask()).status).toBe(503);
  }, 60_000);
});
