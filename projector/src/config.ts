import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList } from '@rollbook/shared/process/secret-settings';
import * as shared from '@rollbook/shared/process/shared-settings';
import { checkpointSinkUrls } from './notary/sinks/checkpoint-sink-urls.ts';

/** Each setting with its words: docs/configuration.md is made from them. */
export const ProjectorSettings = z.object({
  NODE_ENV: shared.NODE_ENV,
  HOST: shared.HOST,
  /** Of the health endpoints. */
  PORT: shared.portOr(8003),
  DATABASE_URL: shared.DATABASE_URL,
  EVENT_STORE_URL: shared.EVENT_STORE_URL,
  MESSAGE_FEED_URL: shared.MESSAGE_FEED_URL,
  MASTER_KEY: shared.MASTER_KEY,
  NOTARY_PRIVATE_KEYS: privateKeyList('ed25519').describe('Sign [checkpoints](features/audit.md#keys) of the log.'),
  CHECKPOINT_SINK: checkpointSinkUrls()
    .optional()
    .describe(
      'Where [checkpoints](features/audit.md#how-the-notary-works) are pushed to. A comma inside a URL is written %2C.',
    ),
  LOG_LEVEL: shared.LOG_LEVEL,
});

export type ProjectorConfig = z.output<typeof ProjectorSettings>;

/** The projector's settings. Throws ConfigError with a sentence for each that is missing or wrong. */
export const readProjectorConfig = (env: NodeJS.ProcessEnv): ProjectorConfig => readConfig(ProjectorSettings, env);
