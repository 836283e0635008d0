import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AnyEvent, AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { apiKeyStream, userStream } from '@rollbook/shared/contracts/streams';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { apiKeys } from '../../../projector/src/api-keys/api-keys.ts';
import { useSchema } from '../../../projector/src/project-in-order/apply-page.ts';
import { API_KEY_ID, apiKeyCreated, apiKeyRevoked } from '../../support/api-keys.ts';
import { AT, history, PERSON_ID } from '../../support/given.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

const PERSON_ERASED = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null } as const;
const erased = history(userStream(PERSON_ID), [PERSON_ERASED]);

/** What happened to a key by the hand of `PERSON_ID`. */
const happened = (...events: readonly AnyNewEvent[]): readonly AnyEvent[] =>
  history(apiKeyStream(API_KEY_ID), events).map((event) => ({
    ...event,
    metadata: { ...event.metadata, actor: { kind: 'person', id: PERSON_ID } },
  }));

describe('The list of API keys', () => {
  let rig: ProjectorRig;
  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  /** Applies each page in a transaction of its own. */
  const apply = async (...pages: readonly (readonly AnyEvent[])[]): Promise<void> => {
    for (const page of pages)
      await withTransaction(rig.pool, async (client) => {
        await useSchema(client);
        await apiKeys.apply(client, page);
      });
  };
  const row = () => rig.one('select * from read_model.api_keys where id = $1', [API_KEY_ID]);

  test('shows a key as the log tells it, whether its events come in one page or in several', async () => {
    const data = { scopes: ['users:read', 'audit:read'], rateLimitPerHour: 1_000_000_000, expiresAt: AT } as const;
    const [created, revoked] = happened(apiKeyCreated({ ...data, scopes: [...data.scopes] }), apiKeyRevoked);
    await apply([created!]);
    const shown = {
      id: API_KEY_ID,
      name: 'billing',
      scopes: ['users:read', 'audit:read'],
      rate_limit_per_hour: 1_000_000_000,
      created_at: new Date(AT),
      created_by: PERSON_ID,
      expires_at: new Date(AT),
      revoked_at: null,
    };
    expect(await row()).toStrictEqual(shown);
    await apply([revoked!]);
    expect(await row()).toStrictEqual({ ...shown, revoked_at: new Date(AT) });
    await rig.pool.query('delete from read_model.api_keys');
    await apply([created!, revoked!]);
    expect(await row()).toStrictEqual({ ...shown, revoked_at: new Date(AT) });
  });

  test('keeps no name of whoever was erased, not even of a key whose making was under way', async () => {
    const made = happened(apiKeyCreated());
    await apply(made, erased);
    expect(await row()).toMatchObject({ name: null, created_by: PERSON_ID, revoked_at: null });
    // The key of the erased is destroyed a moment later, so the name may still open here.
    await rig.pool.query('delete from read_model.api_keys');
    await apply(made);
    expect(await row()).toMatchObject({ name: null, created_by: PERSON_ID });
    await rig.pool.query('delete from read_model.api_keys; delete from read_model.api_key_erased_people');
    await apply([...erased, ...made]);
    expect(await row()).toMatchObject({ name: null });
  });

  test('looks at the events of keys and at erasures, and parks each key by itself', () => {
    const [created] = happened(apiKeyCreated());
    const stored = (event: AnyEvent) => event as unknown as Parameters<typeof apiKeys.personOf>[0];
    expect(apiKeys.personOf(stored(created!))).toBe(API_KEY_ID);
    expect(apiKeys.personOf(stored(erased[0]!))).toBe(PERSON_ID);
    expect(apiKeys.personOf(stored({ ...erased[0]!, type: 'UserDeactivated' } as AnyEvent))).toBeNull();
  });
});
