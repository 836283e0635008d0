import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { UnreadableEvent } from '@rollbook/shared/event-log/errors';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import { openEvents } from '@rollbook/shared/event-log/open-event';
import type { EventStore, LogPage } from '@rollbook/shared/event-log/port';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { secretList } from '@rollbook/shared/process/secret-settings';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';

/** Every event, as it is stored. */
export const storedEvents = async (store: EventStore): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after: Position | null = null; ;) {
    const page: LogPage = await store.readAll({ after });
    events.push(...page.events);
    if (page.atEnd) return events;
    after = page.position;
  }
};

/** The same, opened; what a test has damaged stands there without its personal values. */
export const openedEvents = async (
  events: readonly StoredEvent[],
  env: Readonly<Record<string, string>>,
): Promise<readonly AnyEvent[]> => {
  const pool = createPool({ url: env['DATABASE_URL'] ?? '', applicationName: 'test trail', statementTimeout: 10_000 });
  try {
    const masterKeys = new MasterKeys(secretList().parse(env['MASTER_KEY']), systemRandom);
    const ring = new PostgresKeyRing({ pool, masterKeys, random: systemRandom });
    const opened: AnyEvent[] = [];
    for (let start = 0; start < events.length; start += 500)
      opened.push(...(await open(events.slice(start, start + 500), ring)));
    return opened;
  } finally {
    await pool.end();
  }
};

const open = async (events: readonly StoredEvent[], ring: PostgresKeyRing): Promise<readonly AnyEvent[]> => {
  try {
    return await openEvents(events, ring);
  } catch (fault) {
    if (!(fault instanceof UnreadableEvent)) throw fault;
    return openEvents(
      events.map((event) => ({ ...event, personal: [] })),
      ring,
    );
  }
};

/** The ids in the audit index, in its order. */
export const indexedIds = async (pool: Pool): Promise<readonly string[]> =>
  (await pool.query<{ id: string }>('select event_id as id from read_model.audit_index order by leaf')).rows.map(
    ({ id }) => id,
  );
