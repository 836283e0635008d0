import { Kafka, logLevel, type ISocketFactory } from 'kafkajs';
import type { KafkaSettings } from './kafka-url.ts';

export interface KafkaClientOptions {
  readonly settings: KafkaSettings;
  readonly clientId: string;
  /** How connections are made; only tests give their own. */
  readonly socketFactory?: ISocketFactory;
}

/** Few and short: whoever asked starts over with a fresh client, and must hear of a fault soon. */
export const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 } as const;

/** kafkajs with bounded waits. Connects to nobody yet. */
export const createKafka = ({ settings, clientId, socketFactory }: KafkaClientOptions): Kafka =>
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
    // Whatever matters comes as a rejection or a crash; a broker that is away would fill a log by the second.
    logLevel: logLevel.NOTHING,
  });
