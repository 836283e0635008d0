import type { Logger } from '@rollbook/shared/process/logger';
import { StartError } from '@rollbook/shared/process/start-error';
import { migrate } from '../../migrations/migrate.ts';
import { startPostgres } from './postgres/start-postgres.ts';

export interface Database {
  readonly url: string;
  /** null when somebody else runs it. */
  readonly pid: number | null;
  stop(): Promise<void>;
  /** Sends the signal for a quick stop without waiting: for the last moment of a process that dies. */
  abandon(): void;
}

export interface DatabaseOptions {
  readonly dataDir: string;
  /** `DATABASE_URL`: a PostgreSQL of one's own. */
  readonly url: string | undefined;
  readonly logger: Logger;
  /** Called once when PostgreSQL ends by itself. */
  readonly onLost: (how: string) => void;
}

/** Starts PostgreSQL (or takes the one that is named) and brings its schema up to date. Throws StartError. */
export async function openDatabase({ dataDir, url, logger, onLost }: DatabaseOptions): Promise<Database> {
  const own = url === undefined ? await startOwn(dataDir, logger) : undefined;
  const database: Database = {
    url: url ?? own?.url ?? '',
    pid: own?.pid ?? null,
    stop: async () => own?.stop(),
    abandon: () => {
      if (own) tryToSignal(own.pid);
    },
  };
  try {
    await migrate(database.url, 'up');
  } catch (fault) {
    await own?.stop();
    throw new StartError(`The database cannot be brought up to date: ${sentence(fault)}`);
  }
  own?.onExit(onLost);
  return database;
}

const startOwn = async (dataDir: string, logger: Logger): ReturnType<typeof startPostgres> => {
  try {
    return await startPostgres({
      dataDir,
      log: (line) => {
        logger.info({ line }, 'PostgreSQL');
      },
    });
  } catch (fault) {
    throw new StartError(sentence(fault));
  }
};

const sentence = (fault: unknown): string => (Error.isError(fault) ? fault.message : 'for an unknown reason');

const tryToSignal = (pid: number): void => {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It has ended already.
  }
};
