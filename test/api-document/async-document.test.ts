import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { toCloudEvent } from '@rollbook/shared/message-feed/cloud-event';
import { toRecord } from '@rollbook/shared/message-feed/kafka/cloud-event';
import { breaks, eventSchemas, schemasIn, type Documented } from '../../docs/asyncapi/event-schemas.ts';
import { differencesOf } from '../support/every-message.ts';
import { lint } from '../support/lint-document.ts';
import { nearMisses } from '../support/near-misses.ts';
import { storedSamples } from '../support/stored-samples.ts';

const text = readFileSync(join(import.meta.dirname, '../../asyncapi.json'), 'utf8');
const schemas = schemasIn(JSON.parse(text) as Documented);
const ajv = new Ajv({ strict: true, allErrors: true });
addFormats.default(ajv, ['uuid']);

describe('The description of the public events', () => {
  test('satisfies a strict linter, and the parser of its makers', async () => {
    expect(await lint('asyncapi')).toContain('Your API description is valid');
    const { diagnostics } = await new Parser().parse(text);
    expect(diagnostics.filter(({ severity }) => String(severity) === '0')).toStrictEqual([]);
  });

  test('describes every message that an event makes, and refuses its near misses', () => {
    const messages = storedSamples().flatMap((event) => toPublicMessage(event) ?? []);
    expect(new Set(messages.map(({ type }) => type))).toStrictEqual(new Set(Object.keys(schemas)));
    for (const { type, data } of messages) {
      const schema = schemas[type] ?? {};
      const validate = ajv.compile(schema);
      expect([type, validate(data), validate.errors]).toStrictEqual([type, true, null]);
      const misses = nearMisses(data, schema);
      expect(misses.filter(({ value }) => validate(value)).map(({ what }) => `${type} ${what}`)).toStrictEqual([]);
    }
  });

  test('describes headers and stream of every type, and tells what differs', () => {
    for (const message of storedSamples().flatMap((event) => toPublicMessage(event) ?? [])) {
      const headers = toRecord(message).headers ?? {};
      const streamed = JSON.parse(JSON.stringify(toCloudEvent(message))) as Record<string, unknown>;
      expect(differencesOf(message.type, { data: message.data, headers, streamed })).toStrictEqual([]);
      const { ce_position: _gone, ...without } = headers;
      const planted = {
        data: { ...message.data, email: 'a@b.example' },
        headers: without,
        streamed: { ...streamed, data: 1 },
      };
      expect(differencesOf(message.type, planted)).toHaveLength(3);
    }
    expect(differencesOf('rollbook.user.vanished.v1', {})).toStrictEqual([
      'rollbook.user.vanished.v1 is not in asyncapi.json',
    ]);
  });

  test('lets new types come, and no known one change or go', () => {
    const now = eventSchemas();
    const [[first, schema] = ['', {}], ...others] = Object.entries(now);
    expect(breaks(schemas, now)).toStrictEqual([]);
    expect(breaks(Object.fromEntries(others), now)).toStrictEqual([]);
    expect(breaks(now, Object.fromEntries(others))).toStrictEqual([`${first} is gone: consumers wait for it`]);
    expect(breaks(now, { ...now, [first]: { ...schema, required: [] } })).toStrictEqual([
      `${first} has changed: give the new shape a new type`,
    ]);
  });
});
