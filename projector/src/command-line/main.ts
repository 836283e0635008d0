import { connectEventStore } from '@rollbook/shared/event-log/connect-event-store';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { CachedKeyRing } from '@rollbook/shared/personal-data/cached-key-ring';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import { readConfig } from '@rollbook/shared/process/config';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { Database, Keys, Log } from './config.ts';
import { dispatch } from './dispatch.ts';
import { list } from './list/list.ts';
import { rebuild } from './rebuild/rebuild.ts';
import { retry } from './retry/retry.ts';
import type { CommandParts, Subcommand, Terminal } from './subcommand.ts';

/** In the order of the help. */
const SUBCOMMANDS: readonly Subcommand[] = [list, retry, rebuild];

const applicationName = 'rollbook projections';
// Faults come back from what is asked; what a connection says while nothing is asked helps nobody here.
const nothing = (): void => undefined;

const openParts = (given: NodeJS.ProcessEnv, terminal: Terminal, signal: AbortSignal) => {
  const env = { EVENT_STORE_URL: given['DATABASE_URL'], ...given };
  const closing: (() => Promise<void>)[] = [];
  let pool: Pool | undefined;
  let store: Promise<EventStore> | undefined;
  let keys: CachedKeyRing | undefined;
  const databaseUrl = (): string => readConfig(Database, env).DATABASE_URL;
  const openPool = (): Pool => {
    const opened = createPool({ url: databaseUrl(), applicationName, max: 4, onError: nothing });
    closing.push(() => opened.end());
    return opened;
  };
  const openStore = async (): Promise<EventStore> => {
    const { EVENT_STORE_URL: url, NODE_ENV: nodeEnv } = readConfig(Log, env);
    const parts = { clock: systemClock, random: systemRandom, applicationName, nodeEnv, onFault: nothing };
    const opened = await connectEventStore({ url, ...parts });
    closing.push(() => opened.close());
    return opened;
  };
  const parts: CommandParts = {
    terminal,
    clock: systemClock,
    signal,
    databaseUrl,
    pool: () => (pool ??= openPool()),
    store: () => (store ??= openStore()),
    keys: () => {
      const masterKeys = new MasterKeys(readConfig(Keys, env).MASTER_KEY, systemRandom);
      const ring = new PostgresKeyRing({ pool: parts.pool(), masterKeys, random: systemRandom });
      if (!keys) closing.push(() => Promise.resolve(keys?.close()));
      return (keys ??= new CachedKeyRing({ ring, clock: systemClock }));
    },
  };
  const close = async (): Promise<void> => {
    // The log may live in the pool's database, the keys do: last opened, first closed.
    for (const one of closing.reverse()) await one();
  };
  return { parts, close };
};

/** `npm run projections`: looks after the read models, and returns the exit code. */
export const projections = (
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal = console,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> => dispatch(words, SUBCOMMANDS, terminal, () => openParts(env, terminal, signal));

if (import.meta.main) {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  process.exitCode = await projections(process.argv.slice(2), process.env, console, stopping.signal);
}
