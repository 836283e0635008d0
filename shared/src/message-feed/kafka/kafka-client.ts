import { Kafka, logLevel, type ISocketFactory, type LogEntry } from 'kafkajs';
import type { KafkaSettings } from './kafka-url.ts';

export interface KafkaClientOptions {
  readonly settings: KafkaSettings;
  readonly clientId: string;
  /** Told what kafkajs itself logs as an error. */
  readonly onFault: (fault: unknown) => void;
  /** How connections are made; only tests give their own. */
  readonly socketFactory?: ISocketFactory;
}

/** Few and short: whoever asked starts over with a fresh client, and must hear of a fault soon. */
export const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 } as const;

/** Another word than Error: what kafkajs logs has been handled by it, one way or the other. */
class KafkaLogEntry extends Error {
  override readonly name = 'KafkaLogEntry';
}

const sentence = ({ namespace, log }: LogEntry): string => {
  const cause: unknown = log['error'];
  return `${namespace}: ${log.message}${typeof cause === 'string' ? ` (${cause})` : ''}`;
};

/** kafkajs with bounded waits. Connects to nobody yet. */
export const createKafka = ({ settings, clientId, onFault, socketFactory }: KafkaClientOptions): Kafka =>
  new Kafka({
    clientId,
    brokers: [...settings.brokers],
    ssl: settings.tls,
    // The union of the mechanisms' types does not accept a mechanism that is only known as one of them.
    ...(settings.sasl ? { sasl: settings.sasl as { mechanism: 'plain'; username: string; password: string } } : {}),
    ...(socketFactory ? { socketFactory } : {}),
    connectionTimeout: 2_000,
    authenticationTimeout: 3_000,
    requestTimeout: 5_000,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => {
      onFault(new KafkaLogEntry(sentence(entry)));
    },
  });
