import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateJson } from './private-file.ts';

/** What runs and where; in `DATA_DIR/services.json` (0600, the addresses hold passwords) while it runs. */
export interface Services {
  readonly gateway: string;
  readonly command_api: string;
  readonly query_api: string;
  readonly projector: string;
  readonly mailer: string;
  readonly database_url: string;
  readonly smtp_url: string;
  /** `postgres` is null when DATABASE_URL names another one. */
  readonly pids: { readonly service: number; readonly postgres: number | null };
}

const fileIn = (dataDir: string): string => join(dataDir, 'services.json');

export const writeServicesFile = (dataDir: string, services: Services): Promise<void> =>
  writePrivateJson(fileIn(dataDir), services);

export const removeServicesFile = (dataDir: string): Promise<void> => rm(fileIn(dataDir), { force: true });
