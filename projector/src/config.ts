import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, secretList } from '@rollbook/shared/process/secret-settings';
import { host, logLevel, port, urlOf } from '@rollbook/shared/process/settings';
import { checkpointSinkUrls } from './notary/sinks/checkpoint-sink-urls.ts';

const Settings = z.object({
  NODE_ENV: z.string().default('production'),
  HOST: host().default('127.0.0.1'),
  /** Of the health endpoints. */
  PORT: port().default(8003),
  DATABASE_URL: urlOf('postgres', 'postgresql'),
  EVENT_STORE_URL: urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover'),
  MESSAGE_FEED_URL: urlOf('postgres', 'postgresql', 'kafka'),
  MASTER_KEY: secretList(),
  /** Sign checkpoints of the log. */
  NOTARY_PRIVATE_KEYS: privateKeyList('ed25519'),
  /** Where checkpoints go. */
  CHECKPOINT_SINK: checkpointSinkUrls().optional(),
  LOG_LEVEL: logLevel(),
});

export type ProjectorConfig = z.output<typeof Settings>;

/** The projector's settings. Throws ConfigError with a sentence for each that is missing or wrong. */
export const readProjectorConfig = (env: NodeJS.ProcessEnv): ProjectorConfig => readConfig(Settings, env);
