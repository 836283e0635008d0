import { eventSchemas } from './event-schemas.ts';

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

/** CloudEvents 1.0: attributes of every event, whatever it is about. */
const attributes = (prefix: string) => {
  const about = {
    specversion: text('CloudEvents version', { const: '1.0' }),
    id: text("The event's id; a repeat has the same.", { format: 'uuid' }),
    source: text('Who says it.', { const: '/rollbook/users' }),
    type: text('What happened. Another shape is another type.'),
    time: text('When it was recorded (RFC 3339, UTC).', { format: 'date-time' }),
    subject: text("The person's id.", { format: 'uuid' }),
    partitionkey: text("The person's id.", { format: 'uuid' }),
    position: text('Its place in the log; compares as text.'),
    schemaversion: text("The number at the type's end."),
  };
  return Object.fromEntries(Object.entries(about).map(([name, schema]) => [`${prefix}${name}`, schema]));
};

const headers = (type: string) => {
  const properties = attributes('ce_');
  return {
    type: 'object',
    required: Object.keys(properties),
    properties: { ...properties, ce_type: text('What happened.', { const: type }) },
  };
};

const messageName = (type: string): string => type.replaceAll('.', '-');

const message = (type: string, payload: object) => ({
  name: type,
  title: type,
  contentType: 'application/json',
  headers: headers(type),
  payload,
});

/** As the stream has it: attributes and data in one JSON object. */
const streamed = (type: string, payload: object) => {
  const properties = {
    ...attributes(''),
    type: text('What happened.', { const: type }),
    datacontenttype: text('Of `data`.', { const: 'application/json' }),
    data: payload,
  };
  return {
    name: type,
    title: type,
    contentType: 'application/json',
    payload: { type: 'object', required: Object.keys(properties), properties },
  };
};

const ref = (to: string) => ({ $ref: `#/${to}` });

const DESCRIPTION = `What happens to users, for other services. At least once; first deliveries are in order per person: ignore what is
not above the last position that you handled for that person. Nothing personal stands in a message in the clear.
After \`rollbook.user.erased.v1\` forget the person.`;

/** The description of the public events (AsyncAPI 3.0), made from the schemas that the relay's messages satisfy. */
export const asyncApiDocument = (): object => {
  const schemas = eventSchemas();
  const types = Object.keys(schemas);
  const inChannel = (channel: string) => types.map((type) => ref(`channels/${channel}/messages/${messageName(type)}`));
  const schemaOf = (type: string) => ref(`components/schemas/${messageName(type)}`);
  const messages = (of: (type: string) => object) =>
    Object.fromEntries(types.map((type) => [messageName(type), of(type)]));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Rollbook user events', version: '1.0.0', description: DESCRIPTION },
    defaultContentType: 'application/json',
    channels: {
      topic: {
        address: 'user-events.v1',
        title: 'Kafka topic',
        description: 'CloudEvents 1.0 in binary mode. The key is the person; 12 partitions.',
        messages: messages((type) => ref(`components/messages/${messageName(type)}`)),
      },
      stream: {
        address: '/v1/events',
        title: 'Server-Sent Events',
        description:
          'The same events by HTTP, as CloudEvents JSON: `data` holds attributes and data, `id` the position.',
        messages: messages((type) => streamed(type, schemaOf(type))),
      },
    },
    operations: {
      publishUserEvents: {
        action: 'send',
        channel: ref('channels/topic'),
        messages: inChannel('topic'),
        security: [ref('components/securitySchemes/kafka')],
      },
      streamUserEvents: {
        action: 'send',
        channel: ref('channels/stream'),
        messages: inChannel('stream'),
        security: [ref('components/securitySchemes/apiKey')],
      },
    },
    components: {
      securitySchemes: {
        kafka: { type: 'scramSha512', description: 'What the broker asks for: `MESSAGE_FEED_URL`.' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key with the scope `events:read`.' },
      },
      messages: messages((type) => message(type, schemaOf(type))),
      schemas: messages((type) => schemas[type] ?? {}),
    },
  };
};
