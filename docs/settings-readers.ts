import { CommandApiSettings } from '../command-api/src/config.ts';
import { AuditSettings } from '../deploy/audit/open-log.ts';
import { EventStoreAccessSettings } from '../deploy/eventstore-access.ts';
import { GatewaySettings } from '../deploy/gateway/config.ts';
import { KafkaTopicsSettings } from '../deploy/kafka-topics.ts';
import { KeysSettings } from '../deploy/keys/command-line.ts';
import { KEY_KINDS, settingsOfKind } from '../deploy/keys/rotate.ts';
import { LargeSettings } from '../deploy/large/config.ts';
import { SeedSettings } from '../deploy/seed/seed-settings.ts';
import { DATA_DIR, StandaloneSettings } from '../deploy/standalone/config.ts';
import { DeadLettersSettings } from '../mailer-worker/src/dead-letters/config.ts';
import { MailerSettings } from '../mailer-worker/src/config.ts';
import { MigrateSettings } from '../migrations/command-line.ts';
import { Database, Keys, Log } from '../projector/src/command-line/config.ts';
import { ProjectorSettings } from '../projector/src/config.ts';
import { QueryApiSettings } from '../query-api/src/config.ts';
import type { ServiceName } from '../deploy/standalone/service-settings.ts';
import type { z } from 'zod';

/** The declarations of one program's settings, by name. */
export type Declared = Readonly<Record<string, z.core.$ZodType>>;

/** The services, in the order of their ports. */
export const SERVICE_SETTINGS: Readonly<Record<ServiceName, Declared>> = {
  'command-api': CommandApiSettings.shape,
  'query-api': QueryApiSettings.shape,
  projector: ProjectorSettings.shape,
  'mailer-worker': MailerSettings.shape,
};

/** Beside them, what runs for long. */
export const PROCESS_SETTINGS: Readonly<Record<string, Declared>> = {
  gateway: GatewaySettings.shape,
  '`npm start`': StandaloneSettings.shape,
  '`npm run start:large`': LargeSettings.shape,
};

/** Keys are read by their names, whatever stands in them: whoever has none set wants those of the folder. */
const ofKeys = (): Declared => {
  const declared: Declared = Object.assign({}, ...Object.values(SERVICE_SETTINGS)) as Declared;
  const names: readonly string[] = KEY_KINDS.flatMap(settingsOfKind);
  return {
    ...KeysSettings.shape,
    ...Object.fromEntries(Object.entries(declared).filter(([name]) => names.includes(name))),
  };
};

/** What the commands read; for each, whether it finds them beside a running `npm start` too. */
export const COMMAND_SETTINGS: Readonly<Record<string, { readonly reads: Declared; readonly besideStart?: true }>> = {
  migrate: { reads: MigrateSettings.shape },
  keys: { reads: ofKeys() },
  projections: { reads: { DATA_DIR, ...Database.shape, ...Log.shape, ...Keys.shape }, besideStart: true },
  'dead-letters': { reads: { DATA_DIR, ...DeadLettersSettings.shape }, besideStart: true },
  audit: { reads: { DATA_DIR, ...AuditSettings.shape }, besideStart: true },
  seed: { reads: { DATA_DIR, ...SeedSettings.shape }, besideStart: true },
  'kafka:topics': { reads: KafkaTopicsSettings.shape },
  'eventstore:access': { reads: EventStoreAccessSettings.shape },
};
