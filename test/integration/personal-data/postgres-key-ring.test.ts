import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import type { NamedSecret } from '@rollbook/shared/kernel/named-key';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import pg from 'pg';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

const old: NamedSecret = { id: 'old', secret: Buffer.alloc(32, 1) };
const current: NamedSecret = { id: 'new', secret: Buffer.alloc(48, 2) };

describe('the table of keys', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const ringWith = (...entries: NamedSecret[]): PostgresKeyRing =>
    new PostgresKeyRing({ pool, masterKeys: new MasterKeys(entries, systemRandom), random: systemRandom });
  const rowOf = async (subject: string): Promise<Record<string, unknown> | undefined> =>
    (await pool.query<Record<string, unknown>>('select * from keys.person_keys where subject = $1', [subject])).rows[0];

  test('holds no key in the clear, and names the master key that wraps it', async () => {
    const key = await ringWith(current, old).ensure('ada');
    if (key === 'destroyed') throw new Error('a new key is not destroyed');
    const row = await rowOf('ada');
    expect(row).toMatchObject({ key_id: key.keyId, master_key_id: 'new', destroyed_position: null });
    expect((row?.['wrapped'] as Buffer).includes(key.key)).toBe(false);
  });

  test('a key wrapped by an older master key still opens, without that master key it is a fault', async () => {
    const key = await ringWith(old).ensure('bob');
    expect(await ringWith(current, old).find('bob')).toEqual(key);
    await expect(ringWith(current).find('bob')).rejects.toMatchObject({ name: 'KeyUnreadable' });
    const impostor = { id: 'old', secret: Buffer.alloc(32, 9) };
    await expect(ringWith(impostor).find('bob')).rejects.toMatchObject({ name: 'KeyUnreadable' });
  });

  test('a wrapped key that was copied to another subject does not open there', async () => {
    await ringWith(current).ensure('carol');
    await pool.query(`insert into keys.person_keys (subject, key_id, wrapped, master_key_id)
                      select 'mallory', key_id, wrapped, master_key_id from keys.person_keys where subject = 'carol'`);
    await expect(ringWith(current).find('mallory')).rejects.toMatchObject({ name: 'KeyUnreadable' });
  });

  test('a tombstone names the key and the event, holds no key, and nobody can remove or replace it', async () => {
    const ring = ringWith(current);
    const key = await ring.ensure('dave');
    await ring.destroy('dave', '00000000000000000042');
    await ring.destroy('dave', '00000000000000000043');
    const tombstone = {
      subject: 'dave',
      key_id: key !== 'destroyed' && key.keyId,
      wrapped: null,
      master_key_id: null,
      destroyed_position: '00000000000000000042',
    };
    expect(await rowOf('dave')).toEqual(tombstone);
    const revive = `update keys.person_keys set wrapped = '\\x00', master_key_id = 'new', destroyed_position = null`;
    await expect(pool.query(`${revive} where subject = 'dave'`)).rejects.toThrow('never replaced');
    await expect(pool.query(`delete from keys.person_keys where subject = 'dave'`)).rejects.toThrow('never replaced');
    expect(await rowOf('dave')).toEqual(tombstone);
  });

  test('tells which days before a day still have a key', async () => {
    const ring = ringWith(current);
    for (const day of ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04']) await ring.ensure(`day-${day}`);
    await ring.destroy('day-2026-01-02', null);
    expect(await ring.livingDaysBefore('2026-01-04')).toEqual(['day-2026-01-01', 'day-2026-01-03']);
  });

  test('a database that does not answer is told as an unavailable store', async () => {
    const nowhere = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const masterKeys = new MasterKeys([current], systemRandom);
    const ring = new PostgresKeyRing({ pool: nowhere, masterKeys, random: systemRandom });
    await expect(ring.ensure('ada')).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await nowhere.end();
  });

  test('too short a master key is refused, and so is none', () => {
    expect(() => new MasterKeys([{ id: 'short', secret: Buffer.alloc(31) }], systemRandom)).toThrow(
      'fewer than 32 bytes',
    );
    expect(() => new MasterKeys([], systemRandom)).toThrow('At least one');
  });
});
