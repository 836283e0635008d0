import { expect, test, describe } from '@jest/globals';
import { subjectOfEvent } from '@rollbook/shared/audit/subject-of';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import type { IndexRow } from '../../../query-api/src/audit/index-row.ts';
import { readEntries } from '../../../query-api/src/audit/read-entry.ts';
import { peopleIn, singledOut } from '../../../query-api/src/audit/record-people.ts';
import type { Reader } from '../../../query-api/src/read-model/query-authority.ts';
import { commandRig, systemContext } from '../../support/command-rig.ts';
import { PERSON_ID } from '../../support/given.ts';
import { SAMPLE_EVENTS } from '../../support/sample-events.ts';

const OTHER = '55555555-5555-4555-8555-555555555555';
const { UserRegistered, RoleChanged, ProfileChanged } = SAMPLE_EVENTS;
const STREAM = `user-${PERSON_ID}`;

const rowOf = (event: StoredEvent, leaf: number): IndexRow => ({
  ...{ leaf, id: event.id, position: event.position, stream: event.stream, revision: event.revision },
  ...{ type: event.type, recorded_at: event.recordedAt, subject: subjectOfEvent(event), hash: event.metadata.hash },
  actor_kind: event.metadata.actor.kind,
  actor_id: event.metadata.actor.id,
  request_id: event.metadata.requestId,
  correlation_id: event.metadata.correlationId,
  causation_id: event.metadata.causationId,
  command_id: event.metadata.commandId,
});

/** A person's three events, as they were indexed; then what `change` makes of the log. */
const given = async (change: (event: StoredEvent) => StoredEvent | null) => {
  const { log, store, keys } = commandRig();
  await log.append(
    STREAM,
    EMPTY_STREAM,
    [UserRegistered.event, RoleChanged.event, ProfileChanged.event],
    systemContext(),
  );
  const rows = (await store.read(STREAM)).map(rowOf);
  const read = async (...asked: Parameters<typeof store.read>) =>
    (await store.read(...asked)).flatMap((event) => change(event) ?? []);
  const show = async (shown = rows) =>
    (await readEntries({ store: { read }, keys }, shown)).map(({ integrity, is_readable, changes }) => [
      ...[integrity, is_readable],
      changes.length > 0,
    ]);
  return { rows, show };
};

/** The role's change says that somebody else was made an administrator, and has the hash that belongs to that. */
const otherwise = (event: StoredEvent): StoredEvent =>
  event.type === 'RoleChanged' ? { ...event, data: { ...event.data, to: 'moderator' } } : event;
const rehashed = (event: StoredEvent): StoredEvent => {
  const changed = otherwise(event);
  return { ...changed, metadata: { ...changed.metadata, hash: hashEvent(changed) } };
};

const [RIGHT, WRONG] = [
  ['intact', true, true],
  ['altered', false, false],
];

describe('An entry of the trail is marked, and shows nothing of what its event says,', () => {
  test.each([
    ['never where the log is as it was indexed', (event: StoredEvent) => event, [RIGHT, RIGHT, RIGHT]],
    ['where the event was altered, and where later changes rest on it', otherwise, [RIGHT, WRONG, WRONG]],
    ['where the event was given the hash of its new content', rehashed, [RIGHT, WRONG, WRONG]],
    [
      'where the event was taken out',
      (event: StoredEvent) => (event.type === 'RoleChanged' ? null : event),
      [RIGHT, WRONG, WRONG],
    ],
  ])('%s', async (_case, change, expected) => {
    expect(await (await given(change)).show()).toStrictEqual(expected);
  });

  test.each([
    ['who acted', { actor_kind: 'person', actor_id: OTHER }],
    ['whom it is about', { subject: OTHER }],
    ['what happened', { type: 'ProfileChanged' }],
    ['when', { recorded_at: '2026-01-01T00:00:00.000Z' }],
    ['by which request', { request_id: 'req_other' }],
    ['which leaf it is', { hash: '00'.repeat(32) }],
  ] as const)('where the index was altered as to %s', async (_case, change) => {
    const { rows, show } = await given((event) => event);
    const altered = rows.map((row) => (row.type === 'RoleChanged' ? { ...row, ...change } : row));
    expect(await show(altered)).toStrictEqual([RIGHT, WRONG, RIGHT]);
  });

  test('also where it stands in a stream that is not a person’s', async () => {
    const { log, store, keys } = commandRig();
    const stream = `signin-${PERSON_ID}`;
    await log.append(stream, EMPTY_STREAM, [SAMPLE_EVENTS.HistoryRead.event], systemContext());
    const [event] = await store.read(stream);
    const row = rowOf(event!, 0);
    const read = () => Promise.resolve([{ ...event!, data: { ...event!.data, subject: OTHER } }]);
    expect(await readEntries({ store, keys }, [row])).toMatchObject([{ integrity: 'intact' }]);
    expect(await readEntries({ store: { read }, keys }, [row])).toMatchObject([{ integrity: 'altered', details: {} }]);
  });
});

describe('Whoever reads the trail reads the history of', () => {
  const auditor: Reader = { userId: OTHER, sessionId: OTHER, role: 'auditor' };
  const ADMIN = '66666666-6666-4666-8666-666666666666';
  const events = [
    { type: 'RoleChanged', subject: PERSON_ID, actor_kind: 'person', actor_id: ADMIN },
    { type: 'CheckpointSigned', subject: null, actor_kind: 'system', actor_id: null },
    { type: 'ApiKeyRevoked', subject: null, actor_kind: 'service', actor_id: 'k' },
  ] as const;

  test.each([
    ['whom a filter by subject names', { subject: PERSON_ID }, [PERSON_ID]],
    ['whom a filter by actor names', { actor: ADMIN }, [ADMIN]],
    ['those whom the events of a request are about, and who caused them', { request_id: 'r' }, [PERSON_ID, ADMIN]],
    ['nobody where nobody is singled out', { type: 'RoleChanged', after: '2026-01-01T00:00:00Z' }, []],
    ['nobody where the actor is no person', { actor: 'system' }, []],
  ] as const)('%s', (_case, filters, expected) => {
    expect(singledOut(auditor, filters, events).filter((id) => id !== null)).toStrictEqual(expected);
  });

  test('nobody once more by seeing that they read of them', () => {
    const read = { type: 'HistoryRead', subject: PERSON_ID, actor_kind: 'person', actor_id: OTHER } as const;
    expect(peopleIn(auditor, [read])).toStrictEqual([]);
    expect(peopleIn({ ...auditor, userId: ADMIN }, [read])).toStrictEqual([PERSON_ID, OTHER]);
  });
});
