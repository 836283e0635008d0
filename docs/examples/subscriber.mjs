// An example subscriber to copy: prints each message of Rollbook's event feed once, in order per person.
//   node subscriber.mjs a:9092,b:9092 my-service
// It needs the packages kafkajs and cloudevents. A test of Rollbook runs this file.
import { Kafka as KafkaBinding } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';

const [brokers = '127.0.0.1:9092', groupId = 'my-service', topic = 'user-events.v1'] = process.argv.slice(2);
const kafka = new Kafka({ clientId: groupId, brokers: brokers.split(','), logLevel: logLevel.WARN });
const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });

/**
 * The position of the last message handled, by person. Yours belongs into your database, saved in the transaction that
 * also saves what the message changes: then a repeat changes nothing, whatever happens in between.
 */
const handled = new Map();

const text = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  // The offset is committed after this resolves; a throw brings the message again.
  eachMessage: async ({ message }) => {
    const event = KafkaBinding.toEvent({
      key: String(message.key),
      value: String(message.value),
      headers: text(message.headers ?? {}),
    });
    const person = String(message.key);
    // A repeat, or one that comes late. Positions compare as text.
    if (event.position <= (handled.get(person) ?? '')) return;
    console.log(JSON.stringify({ id: event.id, type: event.type, person, data: event.data }));
    handled.set(person, event.position);
  },
});

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    void consumer.disconnect();
  });
