import { expect } from '@jest/globals';
import type { AnyEvent, AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { foldPerson, type Person } from '@rollbook/shared/person/person.state';

export const PERSON_ID = '11111111-1111-4111-8111-111111111111';
export const COMMAND_ID = '22222222-2222-4222-8222-222222222222';
export const AT = '2026-01-02T03:04:05.678Z';

/** The id of the n-th event of a history. */
export const idAt = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** An event with more than what happened: when, by which command, or under which id. */
export interface Occurrence {
  readonly event: AnyNewEvent;
  readonly at?: string;
  readonly commandId?: string;
  readonly id?: string;
}

/** The events of a stream as they are read back, with ids that can be told in advance. */
export const history = (stream: string, happened: readonly (AnyNewEvent | Occurrence)[]): readonly AnyEvent[] =>
  happened.map((one, revision) => {
    const {
      event,
      at = AT,
      commandId = COMMAND_ID,
      id = idAt(revision),
    }: Occurrence = 'event' in one ? one : { event: one };
    return {
      ...event,
      id,
      schemaVersion: 1,
      stream,
      revision,
      position: String(revision).padStart(20, '0'),
      recordedAt: at,
      origin: null,
      erased: false,
      originErased: false,
      metadata: {
        actor: { kind: 'anonymous', id: null },
        requestId: 'req',
        correlationId: 'req',
        causationId: null,
        commandId,
        previousHash: null,
        hash: '',
      },
    } as unknown as AnyEvent;
  });

/** The state of the person to whom this happened. */
export const personWith = (...happened: readonly (AnyNewEvent | Occurrence)[]): Person =>
  foldPerson(history(userStream(PERSON_ID), happened));

/** Given what happened to a person, when somebody decides, then exactly these events or this rejection. */
export const given = (...happened: readonly (AnyNewEvent | Occurrence)[]) => ({
  when: <Decision>(decide: (person: Person) => Decision) => ({
    then: (expected: Decision): void => {
      expect(decide(personWith(...happened))).toStrictEqual(expected);
    },
  }),
});
