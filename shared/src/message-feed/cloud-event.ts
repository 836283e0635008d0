import { CloudEvent } from 'cloudevents';
import type { JsonObject } from '../kernel/json.ts';
import type { FeedMessage } from './port.ts';

/** `source` of every event: with `id` it is unique in the world of a consumer. */
export const SOURCE = '/rollbook/users';

/** `.v1` at the end of the type. */
const schemaVersionOf = (type: string): string => /\.v(\d+)$/.exec(type)?.[1] ?? '1';

/**
 * The public message as everybody outside gets it (CloudEvents 1.0), wherever they read it: the Kafka topic takes it
 * apart into headers and value, `followEvents` writes it as JSON.
 */
export const toCloudEvent = (message: FeedMessage): CloudEvent<JsonObject> =>
  new CloudEvent({
    id: message.id,
    source: SOURCE,
    type: message.type,
    time: message.time,
    subject: message.key,
    partitionkey: message.key,
    datacontenttype: 'application/json',
    position: message.position,
    schemaversion: schemaVersionOf(message.type),
    data: message.data,
  });
