import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OperationId } from '@rollbook/shared/contracts/operations';
import { ApiDocument } from '../support/api-document.ts';
import type { ClientAnswer } from '../support/client.ts';
import { query as sql } from '../support/journey.ts';
import { erasedAfterwards } from './erased-afterwards.ts';
import { setRefusedStage, type Stage } from './refused-stage.ts';
import { FAILING, OTHER_BODY, SPECIAL, SPOILED, wantsToken } from './refused-requests.ts';
import { sendTo, type Operation, type Sent } from './send-operation.ts';
import { wholeRequests, type Requests } from './whole-requests.ts';

// Every refusal that the document knows is brought about here, for every operation, at one running service. What answers
// are made of is compared by `every-answer.ts`; that none was left out is said by `test/answers.ts`, of the whole run.

const api = ApiDocument.committed();
const { operations } = api;
const idOf = (operation: Operation): OperationId => operation['operationId'] as OperationId;
const documenting = (status: number): readonly Operation[] =>
  operations.filter((operation) => Object.hasOwn(operation['responses'] as object, String(status)));

let stage: Stage;
let requests: Requests;
beforeAll(async () => {
  stage = await setRefusedStage();
  requests = wholeRequests(stage);
});
afterAll(() => stage.stop());

/** The request for an operation that lacks nothing: the example of the document, with what lives in its place. */
const whole = (operation: Operation): Sent => {
  const example = operation['requestBody']?.['content']?.['application/json']?.['example'] as object | undefined;
  const { body, ...sent } = (requests as Readonly<Partial<Record<string, Sent>>>)[idOf(operation)] ?? {};
  if (body instanceof Uint8Array) return { ...sent, body };
  return example === undefined && body === undefined ? sent : { ...sent, body: { ...example, ...(body as object) } };
};

const send = (operation: Operation, sent: Sent, url = stage.rollbook.url): Promise<ClientAnswer> =>
  sendTo(url, operation, sent);

/** Says what should have been answered, where it was something else. */
const judge = (operation: Operation, status: number, answer: ClientAnswer): readonly string[] =>
  answer.status === status
    ? []
    : [`${idOf(operation)} ${String(status)}: ${String(answer.status)} ${JSON.stringify(answer.body)}`];

/** Sends to each operation that documents the status what leads to it. */
const provoke = async (status: number, those: readonly Operation[]): Promise<readonly string[]> => {
  const sent = those.map(async (operation) => {
    const own = SPECIAL[`${operation['operationId'] as string} ${String(status)}`]?.(stage);
    const request = own ?? SPOILED[status]?.(whole(operation), operation, stage) ?? null;
    if (request === null) return [`${idOf(operation)} ${String(status)}: nobody knows how this comes about`];
    return judge(operation, status, await send(operation, request));
  });
  return (await Promise.all(sent)).flat();
};

const isQuery = ({ method }: Operation): boolean => method === 'get';
/** The stream reads the log alone, as commands do, and of health the gateway asks them. */
const asksOnlyTheLog = (operation: Operation): boolean =>
  !isQuery(operation) || ['followEvents', 'ready'].includes(operation['operationId'] as string);
const isAuditProof = (operation: Operation): boolean => operation.path.startsWith('/v1/audit/');

describe('Every documented refusal of every operation comes about', () => {
  test.each([400, 401, 403, 413, 415])('%s', async (status) => {
    expect(await provoke(status, documenting(status))).toStrictEqual([]);
  });

  test('404, also of what was done to somebody who was erased since', async () => {
    const done = await erasedAfterwards(stage);
    const repeated = documenting(404).filter((operation) => Object.hasOwn(done, idOf(operation)));
    const wrong = repeated.map(async (operation) =>
      judge(operation, 404, await send(operation, done[idOf(operation)] ?? {})),
    );
    expect((await Promise.all(wrong)).flat()).toStrictEqual([]);
    const others = documenting(404).filter((operation) => !repeated.includes(operation));
    expect(await provoke(404, others)).toStrictEqual([]);
  });

  test('409 of the trail, while no checkpoint covers it', async () => {
    const those = documenting(409).filter(isAuditProof);
    const answers = await Promise.all(
      those.map(async (operation) => judge(operation, 409, await send(operation, whole(operation)))),
    );
    expect(answers.flat()).toStrictEqual([]);
  });

  test('409 of a refresh token that was used a moment ago', async () => {
    const [login, refresh] = ['login', 'refresh'].map((id) => operations.find((each) => idOf(each) === id));
    if (!login || !refresh) throw new Error('There is no signing in');
    const { body } = await send(login, { body: { email: 'ada@example.com', password: 'Correct-Horse-7' } });
    const token = { body: { refresh_token: String(body.refresh_token) } };
    expect((await send(refresh, token)).status).toBe(200);
    expect(judge(refresh, 409, await send(refresh, token))).toStrictEqual([]);
  });

  test('412, 409 and 422 of one Idempotency-Key, whose first execution ended without an answer', async () => {
    // As if the process had died before it could take its mark back.
    await sql(
      stage.rollbook,
      `create function command.keep_marks() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger keep_marks before delete on command.stored_answers for each row execute function command.keep_marks()`,
    );
    const judgeAll = async (operation: Operation): Promise<readonly string[]> => {
      const headers = { 'if-match': '"99999"', 'idempotency-key': randomUUID() };
      const request = { ...whole(operation), headers };
      const found = [...judge(operation, 412, await send(operation, request))];
      const documented = Object.keys(operation['responses'] as object);
      if (documented.includes('409')) found.push(...judge(operation, 409, await send(operation, request)));
      if (!documented.includes('422')) return found;
      const other = OTHER_BODY[idOf(operation)];
      const body = other instanceof Uint8Array ? other : { ...(request.body as object), ...other };
      return [...found, ...judge(operation, 422, await send(operation, { ...request, body }))];
    };
    try {
      expect((await Promise.all(documenting(412).map(judgeAll))).flat()).toStrictEqual([]);
    } finally {
      await sql(stage.rollbook, 'drop trigger keep_marks on command.stored_answers');
    }
  });

  test('429 of commands to those who fail too often', async () => {
    const wrong: string[] = [];
    for (const operation of documenting(429).filter((each) => FAILING[idOf(each)])) {
      const { token: _staff, body, ...request } = whole(operation);
      const own = {
        ...request,
        ...(wantsToken(operation) && idOf(operation) !== 'registerUser' && { token: stage.ada.token }),
      };
      let answer: ClientAnswer | undefined;
      for (let turn = 1; turn < 30 && answer?.status !== 429; turn += 1) {
        const failing = { ...(body as object), ...FAILING[idOf(operation)]?.(turn) };
        answer = await send(operation, { ...own, body: failing }, stage.strict);
      }
      if (answer) wrong.push(...judge(operation, 429, answer));
    }
    expect(wrong).toStrictEqual([]);
  });

  test('429 of whoever has used up an hour of requests', async () => {
    const { commandApi, queryApi } = stage.counting;
    const wrong: string[] = [];
    for (const operation of documenting(429)) {
      const url = isQuery(operation) ? queryApi : commandApi;
      // The first of somebody is let through, wherever it leads.
      let answer = await send(operation, SPOILED[412]?.(whole(operation), operation, stage) ?? {}, url);
      if (answer.status !== 429) answer = await send(operation, whole(operation), url);
      wrong.push(...judge(operation, 429, answer));
    }
    expect(wrong).toStrictEqual([]);
  });

  test('503 of queries whose read model does not get there', async () => {
    expect(
      await provoke(
        503,
        documenting(503).filter((each) => !asksOnlyTheLog(each)),
      ),
    ).toStrictEqual([]);
  });

  test('503 of commands, of the stream and of health while the log is away', async () => {
    await stage.rollbook.logDoor?.shut();
    try {
      expect(await provoke(503, documenting(503).filter(asksOnlyTheLog))).toStrictEqual([]);
    } finally {
      await stage.rollbook.logDoor?.open();
    }
  });
});
