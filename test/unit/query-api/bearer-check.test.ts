import { describe, expect, test } from '@jest/globals';
import { ApiKeyMemory } from '@rollbook/shared/api-key/api-key-memory';
import { writeApiKey } from '@rollbook/shared/api-key/api-key-text';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import { endOf } from '@rollbook/shared/event-log/sealed-event-log';
import { HOUR, SECOND } from '@rollbook/shared/kernel/clock';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { RequestCounter } from '@rollbook/shared/request-limits/request-counter';
import { bearerCheck } from '../../../query-api/src/read-model/bearer-check.ts';
import { API_KEY, API_KEY_ID, apiKeyCreated } from '../../support/api-keys.ts';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { movedDate } from '../../support/moved-date.ts';

const pass = movedDate();
const HERE = '192.0.2.1';

/** The look of a process that has seen no key yet; `reads` are those of the log. */
const given = async ({ anonymousPerHour = 3 } = {}) => {
  const rig = commandRig();
  const context = { ...systemContext(), actor: { kind: 'person', id: PERSON_ID } as const };
  await rig.log.append(apiKeyStream(API_KEY_ID), endOf(undefined), [apiKeyCreated()], context);
  const reads: string[] = [];
  const log = {
    read: (name: string) => {
      reads.push(name);
      return rig.log.read(name);
    },
  };
  const watch = { isCurrent: () => Promise.resolve(true) };
  const apiKeys = new ApiKeys({ log, clock: rig.clock, recent: { memory: new ApiKeyMemory(), watch } });
  const masterKeys = [{ id: 'm1', secret: Buffer.alloc(32, 7) }];
  const counter = new RequestCounter({ limits: memoryRequestLimits(), masterKeys, perHour: 9, anonymousPerHour });
  const authority = { identify: () => Promise.reject(new Error('is no API key')) as never };
  const check = bearerCheck({ authority, apiKeys, recent: null, counter });
  /** Shows as many made-up keys, one after the other; gives what each is told. */
  const guess = async (times: number, address: string) => {
    const told = [];
    for (let n = 0; n < times; n += 1) {
      const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
      told.push((await check(writeApiKey(id, Buffer.alloc(32, 1)), address)).refused?.rejection);
    }
    return told;
  };
  return { check, guess, reads };
};

describe('Made-up API keys', () => {
  test('cost the log as many readings in an hour as their address has requests, then one a second', async () => {
    const { guess, reads } = await given();
    pass(0);
    const [no, tooMany] = ['api_key_invalid', 'rate_limited'];
    expect(await guess(6, HERE)).toStrictEqual([no, no, no, no, tooMany, tooMany]);
    expect(reads).toHaveLength(4);
    pass(SECOND);
    expect(await guess(2, HERE)).toStrictEqual([no, tooMany]);
    expect(await guess(1, '192.0.2.2')).toStrictEqual([no]);
    pass(HOUR);
    expect(await guess(1, HERE)).toStrictEqual([no]);
  });

  test('do not keep out a key that was seen before, and a good key costs nothing', async () => {
    const { check, guess } = await given();
    const service = { sender: { kind: 'api-key', id: API_KEY_ID, perHour: null } };
    for (let n = 0; n < 5; n += 1) expect(await check(API_KEY, HERE)).toStrictEqual(service);
    expect(await guess(6, HERE)).toContain('rate_limited');
    expect(await check(API_KEY, HERE)).toStrictEqual(service);
  });

  test('do not keep out for more than a second a key that was not seen yet', async () => {
    const { check, guess } = await given();
    pass(0);
    expect(await guess(6, HERE)).toContain('rate_limited');
    expect(await check(API_KEY, HERE)).toMatchObject({ refused: { rejection: 'rate_limited', retryAfter: 1 } });
    pass(SECOND);
    expect(await check(API_KEY, HERE)).toMatchObject({ sender: { id: API_KEY_ID } });
  });

  test('are all looked up where addresses have no limit', async () => {
    const { guess, reads } = await given({ anonymousPerHour: 0 });
    expect(new Set(await guess(9, HERE))).toStrictEqual(new Set(['api_key_invalid']));
    expect(reads).toHaveLength(9);
  });
});
