import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { apiKeyOfStream, personOfStream } from '@rollbook/shared/contracts/streams';
import type { Client } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { API_KEY_TYPES, changesOf, type ApiKeyChanges } from './api-keys.projection.ts';

/** Every API key there ever was, for those who look after them. */
export const apiKeys: ReadModel = {
  name: 'api_keys',
  security: true,
  version: 1,
  tables: ['api_keys', 'api_key_erased_people'],
  filter: { types: [...API_KEY_TYPES] },
  // A key is parked on its own; the erasure of a person concerns the names that they gave to keys.
  personOf: ({ stream, type }) => (API_KEY_TYPES.has(type) ? (apiKeyOfStream(stream) ?? personOfStream(stream)) : null),

  async apply(client: Client, events: readonly AnyEvent[]) {
    const changes = changesOf(events);
    if (changes.created.length > 0) await insert(client, changes.created);
    if (changes.revoked.length > 0) await revoke(client, changes.revoked);
    if (changes.erased.length > 0)
      await client.query('insert into api_key_erased_people select unnest($1::uuid[]) on conflict do nothing', [
        changes.erased,
      ]);
    if (changes.created.length > 0 || changes.erased.length > 0) await forgetNames(client);
  },

  async forget(client: Client, people: readonly string[]) {
    await client.query('update api_keys set name = null where created_by = any($1::uuid[])', [people]);
  },
};

const insert = async (client: Client, created: ApiKeyChanges['created']): Promise<void> => {
  await client.query(`insert into api_keys select * from jsonb_populate_recordset(null::api_keys, $1::jsonb)`, [
    JSON.stringify(created),
  ]);
};

const revoke = async (client: Client, revoked: ApiKeyChanges['revoked']): Promise<void> => {
  await client.query(
    `update api_keys k set revoked_at = r.at
     from jsonb_to_recordset($1::jsonb) as r (id uuid, at timestamptz(3)) where k.id = r.id`,
    [JSON.stringify(revoked)],
  );
};

/** Also of a key that was made while its maker was being erased: the log may hold it after the erasure. */
const forgetNames = async (client: Client): Promise<void> => {
  await client.query(
    `update api_keys k set name = null
     from api_key_erased_people e where k.created_by = e.user_id and k.name is not null`,
  );
};
