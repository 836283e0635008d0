import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCampaign, type CampaignOutcome } from '../../support/log-campaign.ts';
import { startPostgresLog, type PostgresLog } from '../../support/postgres-log.ts';

/**
 * Inside the append's transaction, as its last act before the commit: a pause of up to `pause` ms, then for 10 % a
 * rollback. Half of those are of a kind that the adapter tries again, the others are final.
 */
const plantPausesAndRollbacks = (pause: number): string => `
  create function planted() returns trigger language plpgsql as $$
  begin
    if current_setting('planted.done', true) is distinct from pg_current_xact_id()::text then
      perform set_config('planted.done', pg_current_xact_id()::text, false);
      perform pg_sleep(random() * ${String(pause / 1_000)});
      if random() < 0.1 then
        raise exception 'planted rollback' using errcode = case when random() < 0.5 then '40001' else '22000' end;
      end if;
    end if;
    return null;
  end $$;
  create constraint trigger planted after insert on event_log.events
  deferrable initially deferred for each row execute function planted();`;

const terminateFollowers = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'rollbook-log%' and query not like '%append_batch%'
  order by random() limit 1`;

describe('the hardest case of the log', () => {
  let log: PostgresLog;
  beforeEach(async () => {
    log = await startPostgresLog();
  });
  afterEach(() => log.end());

  const run = (events: number, writers: number, instances: number): Promise<CampaignOutcome> =>
    runCampaign({
      open: () => log.open({ deadline: 30_000 }),
      events,
      writers,
      instances,
      followers: 3,
      disturb: async () => {
        await log.sql.query(terminateFollowers);
      },
    });

  const committed = async (): Promise<string[]> =>
    (await log.sql.query<{ id: string }>('select id from event_log.events order by position')).rows.map(({ id }) => id);

  test('64 writers that pause before they commit, some rolling back: every follower sees every event once, in order', async () => {
    await log.sql.query(plantPausesAndRollbacks(3));
    const outcome = await run(100_000, 64, 16);
    const inLog = await committed();
    expect(inLog).toHaveLength(100_000);
    expect(new Set(inLog)).toEqual(new Set(outcome.acknowledged));
    for (const handled of outcome.handled) expect(handled).toEqual(inLog);
    // The faults did happen.
    expect(outcome.abandoned.length).toBeGreaterThan(100);
    expect(outcome.kills).toBeGreaterThan(6);
  }, 120_000);

  test('the same over an append function that gives positions without the lock does lose events (so the test bites)', async () => {
    await log.sql.query(plantPausesAndRollbacks(20));
    const { rows } = await log.sql.query<{ source: string }>(
      `select pg_get_functiondef('event_log.append_batch(jsonb)'::regprocedure) as source`,
    );
    const source = rows[0]?.source ?? '';
    const unlocked = source
      .replace('perform pg_advisory_xact_lock(writers_lock);', '')
      .replace(
        'select coalesce(max(e.position), 0) into head from event_log.events e;',
        `head := nextval('planted_places') * 1000;`,
      );
    expect(unlocked.match(/planted_places|advisory/g)).toEqual(['planted_places']);
    await log.sql.query(`create sequence planted_places; ${unlocked}`);
    const outcome = await run(4_000, 64, 16);
    const inLog = await committed();
    expect(inLog.length).toBeGreaterThanOrEqual(4_000);
    expect(outcome.handled.some((handled) => handled.length < inLog.length)).toBe(true);
  }, 60_000);
});
