import { personOfStream } from '@rollbook/shared/contracts/streams';
import { CannotApply, type ReadModel } from '../../projector/src/project-in-order/read-model.ts';

/** The events that it cannot apply, and what fails at them. A test may take the fault away while it runs. */
export interface Poison {
  person: string;
  type: string;
  how: 'code' | 'table' | 'database';
}

/** Writes the type of each event down; its code and its table have their faults. */
export const notes = (poison: Poison): ReadModel => ({
  name: 'notes',
  version: 1,
  tables: ['notes'],
  filter: { streamPrefixes: ['user-', 'signin-'] },
  personOf: ({ stream }) => personOfStream(stream),
  async apply(client, events) {
    for (const { id, stream, type } of events) {
      const person = personOfStream(stream);
      const bad = person === poison.person && type === poison.type;
      if (bad && poison.how === 'code') throw new CannotApply('notes failed on it');
      if (bad && poison.how === 'database') await client.query('select pg_terminate_backend(pg_backend_pid())');
      await client.query('insert into notes values ($1, $2, $3)', [id, person, bad ? 'x'.repeat(99) : type]);
    }
  },
});

/** Its table, for a connection to the test's database. */
export const NOTES_TABLE = 'create table read_model.notes (id uuid primary key, person uuid, type varchar(40))';
