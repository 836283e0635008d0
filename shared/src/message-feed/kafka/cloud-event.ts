import { Kafka as KafkaBinding } from 'cloudevents';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { JsonObject } from '../../kernel/json.ts';
import { toCloudEvent } from '../cloud-event.ts';
import type { FeedMessage } from '../port.ts';

/** The record is not a message of this feed. */
export class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage';
}

/** CloudEvents 1.0 in binary mode: attributes as `ce_…` headers, the data as JSON in the value. */
export const toRecord = (message: FeedMessage): Message => {
  const { headers } = KafkaBinding.binary(toCloudEvent(message)) as { headers: Record<string, string | undefined> };
  const present = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  // The record's timestamp is left to the broker: retention counts from there, also when an old log is published anew.
  return { key: message.key, value: JSON.stringify(message.data), headers: Object.fromEntries(present) };
};

/** Headers as text; of several of one name the first. */
export const textHeaders = (headers: IHeaders | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first.toString()]];
    }),
  );

const asText = (value: unknown, attribute: string): string => {
  if (typeof value !== 'string' || value === '') throw new UnreadableMessage(`The attribute ${attribute} is missing`);
  return value;
};

/** The message of a record. Throws UnreadableMessage. */
export const fromRecord = (record: Pick<KafkaMessage, 'key' | 'value' | 'headers'>): FeedMessage => {
  const event = eventOf(record);
  if (Array.isArray(event)) throw new UnreadableMessage('It holds several events');
  const { data } = event;
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new UnreadableMessage('Its data is not a JSON object');
  if (!canBeWritten(data)) throw new UnreadableMessage('Its data is nested too deeply');
  return {
    id: asText(event.id, 'id'),
    key: asText(record.key?.toString(), 'partitionkey'),
    type: asText(event.type, 'type'),
    position: asText(event['position'], 'position'),
    time: asText(event.time, 'time'),
    data: data as JsonObject,
  };
};

/** JSON may be read deeper than it can be written again, into an inbox or a dead letter. */
const canBeWritten = (data: object): boolean => {
  try {
    return JSON.stringify(data) !== '';
  } catch {
    return false;
  }
};

const eventOf = ({ key, value, headers }: Pick<KafkaMessage, 'key' | 'value' | 'headers'>) => {
  const message = { key: key?.toString(), value: value?.toString(), headers: textHeaders(headers), body: undefined };
  try {
    return KafkaBinding.toEvent<unknown>(message);
  } catch (fault) {
    throw new UnreadableMessage(`It is not a CloudEvent: ${Error.isError(fault) ? fault.message : 'unknown'}`);
  }
};
