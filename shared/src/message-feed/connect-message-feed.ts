import type { Clock } from '../kernel/clock.ts';
import type { MessageFeed } from './port.ts';
import { PostgresMessageFeed } from './postgres/postgres-message-feed.ts';

export interface ConnectOptions {
  /** `postgres://…` or `kafka://…` */
  readonly url: string;
  readonly clock: Clock;
  /** Whose connections these are, for the operator. */
  readonly applicationName: string;
  readonly onFault: (fault: unknown) => void;
  /** A consumer stands still and nobody knows why: the process must end, with an exit code that is not 0. */
  readonly onStalled: (fault: unknown) => void;
}

/** The message feed that the URL's scheme names. Throws ConfigError for a Kafka URL that cannot be read. */
export const connectMessageFeed = async (options: ConnectOptions): Promise<MessageFeed> => {
  if (!options.url.toLowerCase().startsWith('kafka:')) return new PostgresMessageFeed(options);
  // Only where it is used: the small profile has no memory to spare for it.
  const { KafkaMessageFeed } = await import('./kafka/kafka-message-feed.ts');
  return new KafkaMessageFeed(options);
};
