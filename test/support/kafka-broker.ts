import { brokerByDocker } from './kafka-by-docker.ts';
import { brokerByMaven } from './kafka-by-maven.ts';

/** A real Kafka broker of one node that belongs to this process. */
export interface Broker {
  /** `host:port`; stays the same over `kill` and `start`. */
  readonly address: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again with what it had written. */
  start(): Promise<void>;
  /** Ends it for good and removes what it wrote. */
  stop(): Promise<void>;
}

/** Why there is no broker, in one sentence. */
export interface NoBroker {
  readonly missing: string;
}

export const KAFKA_VERSION = '4.1.1';

/** A broker of its own: in Docker if an engine answers, else from Maven Central where `java` ≥ 17 and `mvn` are. */
export async function startBroker(): Promise<Broker | NoBroker> {
  return (
    (await brokerByDocker(KAFKA_VERSION)) ??
    (await brokerByMaven(KAFKA_VERSION)) ?? {
      missing: 'No Kafka for tests: set KAFKA_TEST_BROKERS, or have Docker, or java 17 and mvn.',
    }
  );
}
