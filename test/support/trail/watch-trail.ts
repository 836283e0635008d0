import type { EventStore } from '@rollbook/shared/event-log/port';
import { createPool } from '@rollbook/shared/sql/pool';
import { checkTrail, reportExcused } from './check-trail.ts';
import { recordCommands } from './record-commands.ts';
import { indexedIds, openedEvents, storedEvents } from './whole-log.ts';

/** Most time that the index may be behind the log once nothing else happens, ms. */
const INDEXED_WITHIN = 20_000;

interface TrailOptions {
  /** Of command-api. */
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** Past every door. */
  readonly store: EventStore;
}

/**
 * Watches a whole Rollbook: at its end every command that was accepted has its event in the log or a reason that the log
 * bears out, every refused administrative one stands there as refused, and the audit index holds every event.
 */
export const watchTrail = ({ url, env, store }: TrailOptions) => {
  const recorder = recordCommands(url);

  /** Once nobody gives commands any more, and while the projector still runs; `projector`: its address. */
  const requireIndex = async (projector: string): Promise<void> => {
    const isRunning = await fetch(`${projector}/health/live`)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (!isRunning) return;
    const pool = createPool({
      url: env['DATABASE_URL'] ?? '',
      applicationName: 'test trail',
      statementTimeout: 10_000,
    });
    try {
      for (const until = Date.now() + INDEXED_WITHIN; ;) {
        const indexed = await indexedIds(pool);
        const ids = (await storedEvents(store)).map(({ id }) => id);
        if (ids.length === indexed.length && ids.every((id, leaf) => id === indexed[leaf])) return;
        if (Date.now() > until)
          throw new Error(`The audit index holds ${String(indexed.length)} of ${String(ids.length)} events, or others`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      await pool.end();
    }
  };

  /** Throws, naming each command that left no trace and should have. */
  const requireEvents = async (): Promise<void> => {
    recorder.stop();
    const events = await openedEvents(await storedEvents(store), env);
    const isLimited = env['RATE_LIMIT_CREDENTIALS_PER_HOUR'] !== '0';
    const isPrivate = env['REGISTRATION_DISCLOSURE'] === 'private';
    const { missing, excused } = checkTrail({ events, commands: recorder.commands, isLimited, isPrivate });
    reportExcused(excused, `${String(recorder.commands.length)} commands`);
    if (missing.length > 0) throw new Error(`Commands that are not in the audit trail:\n${missing.join('\n')}`);
  };

  return { commands: recorder.commands, requireIndex, requireEvents };
};
