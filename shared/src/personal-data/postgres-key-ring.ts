import type pg from 'pg';
import { StoreUnavailable } from '../event-log/errors.ts';
import type { Random } from '../kernel/random.ts';
import type { KeyIds, KeyRing, SubjectKey } from './key-ring.ts';
import type { MasterKeys } from './master-keys.ts';

type Found = SubjectKey | 'destroyed' | 'missing';

interface KeyRow {
  readonly subject: string;
  /** null only on the tombstone of a subject that never had a key. */
  readonly key_id: string | null;
  readonly wrapped: Buffer | null;
  readonly master_key_id: string;
}

const FIND = 'select subject, key_id, wrapped, master_key_id from keys.person_keys where subject = any($1)';

// A row that is there stays as it is, key or tombstone: whoever comes first has made the key for all.
const MAKE = `
  insert into keys.person_keys (subject, key_id, wrapped, master_key_id) values ($1, $2, $3, $4)
  on conflict (subject) do nothing
  returning subject, key_id, wrapped, master_key_id`;

const MAKE_MANY = `
  insert into keys.person_keys (subject, key_id, wrapped, master_key_id)
  select subject, key_id, wrapped, $4 from unnest($1::text[], $2::text[], $3::bytea[]) made (subject, key_id, wrapped)
  on conflict (subject) do nothing
  returning subject, key_id, wrapped, master_key_id`;

const DESTROY = `
  insert into keys.person_keys as k (subject, destroyed_position) values ($1, $2)
  on conflict (subject) do update
  set wrapped = null, master_key_id = null, destroyed_position = excluded.destroyed_position
  where k.wrapped is not null`;

/**
 * The keys in the table `keys.person_keys`, each wrapped by a master key. The pool's connections must commit
 * synchronously, since a key has to be durable before the first event that uses it. Throws StoreUnavailable where the
 * database does not answer (each call may be repeated), KeyUnreadable for a row that does not open.
 */
export class PostgresKeyRing implements KeyRing, KeyIds {
  readonly #pool: pg.Pool;
  readonly #masterKeys: MasterKeys;
  readonly #random: Random;

  constructor({ pool, masterKeys, random }: { pool: pg.Pool; masterKeys: MasterKeys; random: Random }) {
    this.#pool = pool;
    this.#masterKeys = masterKeys;
    this.#random = random;
  }

  async ensure(subject: string): Promise<SubjectKey | 'destroyed'> {
    const found = await this.find(subject);
    if (found !== 'missing') return found;
    const keyId = this.#random.uuid();
    const key = this.#random.bytes(32);
    const { masterKeyId, wrapped } = this.#masterKeys.wrap(subject, keyId, key);
    const rows = await this.#query(MAKE, [subject, keyId, wrapped, masterKeyId]);
    if (rows.length > 0) return { keyId, key };
    // Another caller may have been faster: the row that stands is the key.
    return presentKey(subject, await this.find(subject));
  }

  async ensureMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed'>> {
    const found = new Map(await this.findMany(subjects));
    // In one order, so that two who make the same keys at once never wait for each other in a circle.
    const missing = [...found].flatMap(([subject, key]) => (key === 'missing' ? [subject] : [])).sort();
    if (missing.length > 0) {
      const made = missing.map((subject) => ({ subject, keyId: this.#random.uuid(), key: this.#random.bytes(32) }));
      const wrapped = made.map(({ subject, keyId, key }) => this.#masterKeys.wrap(subject, keyId, key));
      const columns = [made.map(({ subject }) => subject), made.map(({ keyId }) => keyId)];
      const values = [...columns, wrapped.map((one) => one.wrapped), wrapped[0]?.masterKeyId];
      const written = new Set((await this.#query(MAKE_MANY, values)).map(({ subject }) => subject));
      for (const { subject, keyId, key } of made) if (written.has(subject)) found.set(subject, { keyId, key });
      // Another caller may have been faster with some: the row that stands is the key.
      const others = missing.filter((subject) => !written.has(subject));
      if (others.length > 0) for (const [subject, key] of await this.findMany(others)) found.set(subject, key);
    }
    return new Map([...found].map(([subject, key]) => [subject, presentKey(subject, key)]));
  }

  async find(subject: string): Promise<Found> {
    return (await this.findMany([subject])).get(subject) ?? 'missing';
  }

  async findMany(subjects: readonly string[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>(subjects.map((subject) => [subject, 'missing']));
    for (const row of await this.#query(FIND, [[...found.keys()]])) found.set(row.subject, this.#toFound(row));
    return found;
  }

  async destroy(subject: string, position: string | null): Promise<void> {
    await this.#query(DESTROY, [subject, position]);
  }

  async keyIdOf(subject: string): Promise<string | null> {
    return (await this.#query(FIND, [[subject]]))[0]?.key_id ?? null;
  }

  /** The days before `day` (YYYY-MM-DD) whose keys still exist. */
  async livingDaysBefore(day: string): Promise<readonly string[]> {
    const living = `
      select subject, key_id, wrapped, master_key_id from keys.person_keys
      where subject >= 'day-' and subject < $1 and wrapped is not null order by subject`;
    return (await this.#query(living, [`day-${day}`])).map((row) => row.subject);
  }

  #toFound({ subject, key_id: keyId, wrapped, master_key_id: masterKeyId }: KeyRow): Found {
    if (wrapped === null || keyId === null) return 'destroyed';
    return { keyId, key: this.#masterKeys.unwrap(subject, keyId, { masterKeyId, wrapped }) };
  }

  async #query(text: string, values: unknown[]): Promise<readonly KeyRow[]> {
    try {
      return (await this.#pool.query<KeyRow>(text, values)).rows;
    } catch (cause) {
      throw new StoreUnavailable('The keys cannot be reached', { cause });
    }
  }
}

const presentKey = (subject: string, key: Found): SubjectKey | 'destroyed' => {
  if (key === 'missing') throw new StoreUnavailable(`The key of ${subject} was written and is not there`);
  return key;
};
