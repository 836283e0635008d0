import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { KAFKA_VERSION, startBroker, type Broker } from './kafka-broker.ts';
import { brokerByMaven } from './kafka-by-maven.ts';
import { usersAndTls } from './kafka-users.ts';
import type { Certificate } from './certificate.ts';

// Only here does a suite learn whether there is a Kafka. Ask while the file loads (`const kafka = await testKafka()`),
// and describe the suite with `describeWith(kafka)`.

/** Told once per file; with REQUIRE_KAFKA=1 it is a failure. */
const without = (sentence: string): null => {
  if (process.env['REQUIRE_KAFKA'] === '1') throw new Error(`REQUIRE_KAFKA=1, but: ${sentence}`);
  process.stderr.write(`skipped: ${sentence}\n`);
  return null;
};

/** The address `host:port` of the broker that all suites of a run share, or null where there cannot be one. */
export async function testKafka(): Promise<string | null> {
  const path = process.env['ROLLBOOK_TEST_KAFKA'];
  if (path === undefined) throw new Error('Kafka for tests exists only under jest: its global setup serves it.');
  const answer = JSON.parse(await text(connect(path))) as { address?: string; missing?: string; error?: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.address ?? without(answer.missing ?? 'No Kafka for tests.');
}

/** A broker of this file's own, to be killed and started again; null where there cannot be one. */
export async function ownKafka(): Promise<Broker | null> {
  const broker = await startBroker();
  return 'missing' in broker ? without(broker.missing) : broker;
}

/** A broker of this file's own with users, and its addresses without and with TLS; null where there cannot be one. */
export async function securedKafka(
  certificate: Certificate,
  users: Readonly<Record<string, string>>,
): Promise<{ readonly open: string; readonly encrypted: string; stop(): Promise<void> } | null> {
  const broker = await brokerByMaven(KAFKA_VERSION, usersAndTls(certificate, users));
  if (broker === null) return without('No Kafka with users and TLS for tests: that takes java 17 and mvn.');
  const { USERS = '', TLS = '' } = broker.addresses;
  return { open: USERS, encrypted: TLS, stop: () => broker.stop() };
}
