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
    const lives = Map.groupBy(events, ({ stream }) => personOfStream(stream) ?? '');
    const before = await readRows(client, [...lives.keys()]);
    const changed: UserRow[] = [];
    for (const [person, life] of lives) {
      const was = before.get(person) ?? null;
      const row = evolve(was, life);
      if (row && row !== was) changed.push(row);
    }
    await writeRows(client, changed);
    await writeCounts(client, countChanges(changed.map((row) => ({ before: before.get(row.id), after: row }))));
  },

  forget: forgetRows,
};

const evolve = (row: UserRow | null, life: readonly AnyEvent[]): UserRow | null => {
  try {
    return evolveRow(row, ...life);
  } catch (cause) {
    const kind = Error.isError(cause) ? cause.name : typeof cause;
    const types = life.map(({ type }) => type).join(', ');
    throw new CannotApply(`user_directory failed on ${types} with ${kind}`, { cause });
  }
};
