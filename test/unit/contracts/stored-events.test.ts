import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { definitionOf, EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { subjectOf } from '@rollbook/shared/contracts/streams';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { openEvents } from '@rollbook/shared/event-log/open-event';
import type { KeyRing, SubjectKey } from '@rollbook/shared/personal-data/key-ring';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { SAMPLE_EVENTS } from '../../support/sample-events.ts';

/** An event as it once was stored, the keys it was sealed under, and what it opens into in its current version. */
interface StoredSample {
  readonly keys: Readonly<Record<string, { readonly keyId: string; readonly key: string }>>;
  readonly stored: StoredEvent;
  readonly opened: { readonly data: unknown; readonly personal: unknown; readonly origin: unknown };
}

const folder = join(import.meta.dirname, '../../stored-events');
const names = () => readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): StoredSample => JSON.parse(readFileSync(join(folder, name), 'utf8')) as StoredSample;
const currentNames = EVENTS.map(({ type, schemaVersion }) => `${type}@${String(schemaVersion)}.json`);

/** A ring that holds the sample's keys, or only the tombstones of them. */
const ringOf = ({ keys }: StoredSample, destroyed = false): KeyRing => {
  const find = (subject: string): SubjectKey | 'destroyed' | 'missing' => {
    const found = keys[subject];
    if (!found) return 'missing';
    return destroyed ? 'destroyed' : { keyId: found.keyId, key: Buffer.from(found.key, 'base64') };
  };
  const refuse = (): never => {
    throw new Error('Reading changes no key');
  };
  return {
    ensure: refuse,
    ensureMany: refuse,
    destroy: refuse,
    find: (subject) => Promise.resolve(find(subject)),
    findMany: (subjects) => Promise.resolve(new Map(subjects.map((subject) => [subject, find(subject)]))),
  };
};

/** Writes the sample of a version that has none yet. A sample that is there is never written again. */
const writeMissing = async (): Promise<void> => {
  for (const { type, schemaVersion } of EVENTS) {
    const path = join(folder, `${type}@${String(schemaVersion)}.json`);
    if (existsSync(path)) continue;
    const { stream, event } = SAMPLE_EVENTS[type];
    const rig = commandRig();
    const context = {
      ...systemContext(),
      actor: { kind: 'person', id: PERSON_ID },
      origin: { address: '192.0.2.7', userAgent: 'curl/8' },
    } as const;
    await rig.log.append(stream, EMPTY_STREAM, [event], context);
    const [stored] = await rig.store.read(stream);
    const [opened] = (await rig.log.read(stream)).events;
    const subjects = stored?.personal.map(({ subject }) => subject) ?? [];
    const keys = Object.fromEntries(
      [...(await rig.keys.findMany(subjects))].map(([subject, key]) =>
        typeof key === 'string' ? [] : [subject, { keyId: key.keyId, key: key.key.toString('base64') }],
      ),
    ) as StoredSample['keys'];
    const { data, personal, origin } = opened!;
    writeFileSync(path, `${JSON.stringify({ keys, stored, opened: { data, personal, origin } }, null, 2)}\n`);
  }
};

if (process.env['WRITE_STORED_EVENTS']) await writeMissing();

describe('Every event version that was ever stored', () => {
  test('keeps a sample (WRITE_STORED_EVENTS=1 writes a missing one)', () => {
    expect(names()).toEqual(expect.arrayContaining(currentNames));
  });

  test.each(names())('%s: its name says what it is, and its hash holds', (name) => {
    const { stored } = read(name);
    expect(`${stored.type}@${String(stored.schemaVersion)}.json`).toBe(name);
    expect(hashEvent(stored)).toBe(stored.metadata.hash);
  });

  test.each(names())('%s opens into the current shape', async (name) => {
    const sample = read(name);
    const [opened] = await openEvents([sample.stored], ringOf(sample));
    const definition = definitionOf(sample.stored.type);
    expect(opened).toMatchObject({ ...sample.opened, erased: false, schemaVersion: definition?.schemaVersion });
    expect({ data: opened?.data, personal: opened?.personal, origin: opened?.origin }).toStrictEqual(sample.opened);
    expect(definition?.data.safeParse(opened?.data).success).toBe(true);
    if (definition?.personal) expect(definition.personal.safeParse(opened?.personal).success).toBe(true);
    else expect(opened?.personal).toBeNull();
  });

  test.each(names())('%s still opens, and its hash still holds, when the keys are destroyed', async (name) => {
    const sample = read(name);
    const [opened] = await openEvents([sample.stored], ringOf(sample, true));
    expect(opened).toMatchObject({ personal: null, origin: null, data: sample.opened.data });
    const { stream, metadata, personal } = sample.stored;
    expect(opened?.erased).toBe(personal.some(({ subject }) => subject === subjectOf(stream, metadata.actor)));
  });

  test.each(names())('%s shows nothing personal in the clear', (name) => {
    const { stored } = read(name);
    expect(JSON.stringify(stored)).not.toMatch(/ada@example|ada_l|Lovelace|Countess|555-0123|192\.0\.2|curl|\$hash/i);
  });
});
