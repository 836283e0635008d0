import type { Clock } from '../kernel/clock.ts';
import { ConfigError } from '../process/start-error.ts';
import type { MessageFeed } from './port.ts';

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

/**
 * The message feed that the URL names; what it needs is loaded only when it is chosen. Throws ConfigError for a URL
 * that cannot be read.
 */
export const connectMessageFeed = async (options: ConnectOptions): Promise<MessageFeed> => {
  if (/^postgres(?:ql)?:/i.test(options.url)) {
    const { PostgresMessageFeed } = await import('./postgres/postgres-message-feed.ts');
    return new PostgresMessageFeed(options);
  }
  if (!/^kafka:/i.test(options.url)) throw new ConfigError('MESSAGE_FEED_URL names no message feed that is known.');
  const { KafkaMessageFeed } = await import('./kafka/kafka-message-feed.ts');
  return new KafkaMessageFeed(options);
};
