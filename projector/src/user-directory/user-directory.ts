import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { personOfStream } from '@rollbook/shared/contracts/streams';
import type { Client } from '@rollbook/shared/sql/pool';
import { CannotApply, type ReadModel } from '../project-in-order/read-model.ts';
import { countChanges, writeCounts } from './user-counts.ts';
import { evolveRow, type UserRow } from './user-directory.projection.ts';
import { forgetRows, readRows, writeRows } from './user-rows.ts';

/** Everybody, as list and search show them. Personal values stand in the clear: they must sort and search. */
export const userDirectory: ReadModel = {
  name: 'user_directory',
  version: 1,
  tables: ['user_directory', 'user_counts'],
  filter: { streamPrefixes: ['user-', 'signin-'] },
  personOf: ({ stream }) => personOfStream(stream),

  async apply(client: Client, events: readonly AnyEvent[]) {
    const people = new Set(events.map(({ stream }) => personOfStream(stream) ?? ''));
    const before = await readRows(client, [...people]);
    const after = new Map<string, UserRow>(before);
    for (const event of events) {
      const person = personOfStream(event.stream) ?? '';
      const row = evolve(after.get(person) ?? null, event);
      if (row) after.set(person, row);
    }
    const changed = [...after.values()].filter((row) => before.get(row.id) !== row);
    await writeRows(client, changed);
    await writeCounts(client, countChanges(changed.map((row) => ({ before: before.get(row.id), after: row }))));
  },

  forget: forgetRows,
};

const evolve = (row: UserRow | null, event: AnyEvent): UserRow | null => {
  try {
    return evolveRow(row, event);
  } catch (cause) {
    const kind = Error.isError(cause) ? cause.name : typeof cause;
    throw new CannotApply(`user_directory failed on ${event.type} with ${kind}`, { cause });
  }
};
