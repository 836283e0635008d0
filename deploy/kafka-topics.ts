import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { createTopics, TopicUnsuitable } from '@rollbook/shared/message-feed/kafka/topics';
import { answerWords } from '@rollbook/shared/process/answer-words';
import { readConfig } from '@rollbook/shared/process/config';
import { list, urlOf, whole } from '@rollbook/shared/process/settings';
import { ConfigError } from '@rollbook/shared/process/start-error';
import { z } from 'zod';

const HELP = `Usage: npm run kafka:topics

Creates the topics of the message feed, and of each group's dead letters, that are missing. May run again at any time, and
changes none that is there; one that could lose or reorder messages is named.

  MESSAGE_FEED_URL           kafka://…: the brokers
  KAFKA_REPLICATION          copies of each message (3)
  KAFKA_MIN_INSYNC_REPLICAS  copies that must be written before a message counts as published (2)
  KAFKA_GROUPS               groups that get a topic for dead letters (mailer-worker)

All settings: docs/configuration.md. Exit codes: 0 done, 1 failed or unsuitable, 2 wrong usage, 78 wrong settings.`;

export const KafkaTopicsSettings = z.object({
  MESSAGE_FEED_URL: urlOf('kafka'),
  KAFKA_REPLICATION: whole(1, 100).default(3).describe('Copies of each message.'),
  KAFKA_MIN_INSYNC_REPLICAS: whole(1, 100)
    .default(2)
    .describe('Copies that must be written before a message counts as published.'),
  KAFKA_GROUPS: list().default(['mailer-worker']).describe('Groups that get a topic for dead letters.'),
});

/**
 * `node deploy/kafka-topics.ts`: creates the topics that are missing; may run again at any time. Returns the exit code:
 * 0 done, 78 wrong settings, 1 anything else.
 */
export const createTopicsFrom = async (
  env: NodeJS.ProcessEnv,
  terminal: Pick<Console, 'log' | 'error'> = console,
): Promise<number> => {
  try {
    const config = readConfig(KafkaTopicsSettings, env);
    const created = await createTopics(
      config.MESSAGE_FEED_URL,
      {
        replication: config.KAFKA_REPLICATION,
        minInSyncReplicas: config.KAFKA_MIN_INSYNC_REPLICAS,
        groups: config.KAFKA_GROUPS,
      },
      systemClock,
    );
    terminal.log(created.length === 0 ? 'All topics are there.' : `Created ${created.join(', ')}.`);
    return 0;
  } catch (fault) {
    const reason = Error.isError(fault) ? fault.message : String(fault);
    const told = fault instanceof ConfigError || fault instanceof TopicUnsuitable;
    terminal.error(told ? reason : `The topics could not be created: ${reason}`);
    return fault instanceof ConfigError ? 78 : 1;
  }
};

if (import.meta.main)
  process.exitCode = answerWords(process.argv.slice(2), HELP) ?? (await createTopicsFrom(process.env));
