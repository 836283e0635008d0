import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FeedMessage } from '@rollbook/shared/message-feed/port';
import { toRecord } from '@rollbook/shared/message-feed/kafka/cloud-event';
import { differences } from './differences.ts';

// What the tests' own consumers get of the feed and of the stream, and what services started here publish, is held
// against asyncapi.json: a difference fails the test that runs (every-answer.ts), or the stop of the Rollbook.

type Json = Record<string, any>;

/** What one part of a description refuses in a value; null: nothing. */
type Check = (value: unknown) => string | null;

interface Described {
  readonly data: Check;
  /** As a Kafka record has them. */
  readonly headers: Check;
  /** As the stream has it: attributes and data. */
  readonly streamed: Check;
}

/** Types that only tests publish: what carries them does not look at them. */
const OF_TESTS = 'rollbook.test.';

const describedIn = (document: Json): ReadonlyMap<string, Described> => {
  const ajv = new Ajv({ strict: true, allErrors: true });
  addFormats.default(ajv, ['uuid', 'date-time']);
  const { messages, schemas } = document['components'] as Json;
  const check = (schema: Json): Check => {
    // Each is compiled when it is first met.
    let validate: ValidateFunction | undefined;
    return (value) => ((validate ??= ajv.compile(schema))(value) ? null : ajv.errorsText(validate.errors));
  };
  const find = (part: Json): Json => schemas[String(part['$ref']).split('/').at(-1) ?? ''] as Json;
  return new Map(
    Object.entries<Json>(messages).map(([name, { headers, payload, ...message }]) => {
      const { $id: _id, $schema: _dialect, ...data } = find(payload as Json);
      const streamed = document['channels'].stream.messages[name].payload as Json;
      const whole = { ...streamed, properties: { ...streamed['properties'], data } };
      return [message['name'], { data: check(data), headers: check(headers as Json), streamed: check(whole) }];
    }),
  );
};

let known: ReadonlyMap<string, Described> | undefined;
const described = (type: string): Described | undefined => {
  known ??= describedIn(JSON.parse(readFileSync(join(import.meta.dirname, '../../asyncapi.json'), 'utf8')) as Json);
  return known.get(type);
};

/** Where a message differs from what its type promises. */
export const differencesOf = (type: string, parts: Partial<Record<keyof Described, unknown>>): readonly string[] => {
  const promised = described(type);
  if (promised === undefined) return [`${type} is not in asyncapi.json`];
  return (Object.keys(parts) as (keyof Described)[]).flatMap((part) => {
    const difference = promised[part](parts[part]);
    return difference === null ? [] : [`${type}, ${part}: ${difference}`];
  });
};

const note = (type: string, parts: Parameters<typeof differencesOf>[1]): void => {
  if (!type.startsWith(OF_TESTS)) differences.push(...differencesOf(type, parts));
};

/** Holds a message of the feed against its description, and what Kafka would carry of it. */
export const lookAtMessage = (message: FeedMessage): void => {
  if (!message.type.startsWith(OF_TESTS))
    note(message.type, { data: message.data, headers: toRecord(message).headers });
};

/** Holds a Kafka record against its description. */
export const lookAtRecord = (headers: Readonly<Record<string, string>>, value: string): void =>
  note(headers['ce_type'] ?? '', { headers, data: JSON.parse(value) });

/** Holds one event of the stream against its description; its fields repeat what its attributes say. */
export const lookAtStreamed = ({ id, type, data }: { id: string; type: string; data: Json }): void => {
  note(type, { streamed: data });
  if (id !== data['position'] || type !== data['type'])
    differences.push(`${type}: id ${id} or event is not of ${data['id']}`);
};
