import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withClient } from '../../migrations/bookkeeping.ts';
import { runCommand } from '../../migrations/command-line.ts';
import { migrate } from '../../migrations/migrate.ts';
import { readMigrations } from '../../migrations/migration-files.ts';
import { readSchema } from '../../migrations/schema-snapshot.ts';
import { createDatabase, type TestDatabase } from '../support/postgres.ts';

const committed = join(import.meta.dirname, '../../migrations');

let database: TestDatabase;
let url: string;
let folder: string;

const schema = (): Promise<string> => withClient(url, readSchema);
const tables = (): Promise<string[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
    );
    return rows.map(({ name }) => name);
  });

const write = async (name: string, up: string, down: string): Promise<void> => {
  await writeFile(join(folder, `${name}.up.sql`), up);
  await writeFile(join(folder, `${name}.down.sql`), down);
};

beforeEach(async () => {
  database = await createDatabase({ template: 'template0' });
  ({ url } = database);
  folder = await mkdtemp(join(tmpdir(), 'rollbook-migrations-'));
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

describe('the committed migrations', () => {
  test('up, down to nothing and up again give the committed schema', async () => {
    const nothing = await schema();
    const names = (await readMigrations(committed)).map(({ name }) => name);
    expect(await migrate(url, 'up')).toEqual(names);
    const first = await schema();
    expect(await migrate(url, 'down', { to: 0 })).toEqual(names.toReversed());
    expect(await schema()).toBe(nothing);
    expect(await tables()).toEqual([]);
    await migrate(url, 'up');
    expect(await schema()).toBe(first);
    // After a change of the schema: DATABASE_URL=… npm run migrate -- up, then "npm run migrate -- snapshot".
    expect(first).toBe(await readFile(join(committed, 'schema.snapshot.sql'), 'utf8'));
  });

  test('each way down takes back exactly what its way up did', async () => {
    for (const { number, name } of await readMigrations(committed)) {
      const before = await schema();
      await migrate(url, 'up', { to: number });
      const after = await schema();
      expect([name, after === before]).toEqual([name, false]);
      await migrate(url, 'down', { to: number - 1 });
      expect([name, await schema()]).toEqual([name, before]);
      await migrate(url, 'up', { to: number });
    }
  });

  test('two that start at once do the work once', async () => {
    const steps = await Promise.all([migrate(url, 'up'), migrate(url, 'up'), migrate(url, 'up')]);
    expect(steps.flat()).toEqual((await readMigrations(committed)).map(({ name }) => name));
  });
});

describe('a step', () => {
  beforeEach(async () => {
    await write('0001-first', 'create table first (a int);', 'drop table first;');
    await write('0002-second', 'create table second (b int);', 'drop table second;');
  });

  test('up stops at a number, down takes back the newest one', async () => {
    expect(await migrate(url, 'up', { folder, to: 1 })).toEqual(['0001-first']);
    expect(await migrate(url, 'up', { folder })).toEqual(['0002-second']);
    expect(await migrate(url, 'up', { folder })).toEqual([]);
    expect(await migrate(url, 'down', { folder })).toEqual(['0002-second']);
    expect(await tables()).toEqual(['first', 'migrations']);
  });

  test('that fails leaves nothing behind, and those before it stay', async () => {
    await write('0003-third', 'create table third (c int); select 1 / 0;', 'drop table third;');
    await expect(migrate(url, 'up', { folder })).rejects.toThrow(
      'The migration 0003-third failed and left nothing behind: division by zero',
    );
    expect(await tables()).toEqual(['first', 'migrations', 'second']);
  });

  test('that was edited after it was applied stops everything', async () => {
    await migrate(url, 'up', { folder, to: 1 });
    await write('0001-first', 'create table first (a int, z int);', 'drop table first;');
    const refusal = /^The migration 0001-first was edited after it was applied: put 0001-first\.up\.sql back/;
    await expect(migrate(url, 'up', { folder })).rejects.toThrow(refusal);
    await expect(migrate(url, 'down', { folder })).rejects.toThrow(refusal);
    expect(await tables()).toEqual(['first', 'migrations']);
  });

  test('that this version does not know stops everything', async () => {
    await migrate(url, 'up', { folder });
    await rm(join(folder, '0002-second.up.sql'));
    await rm(join(folder, '0002-second.down.sql'));
    await expect(migrate(url, 'up', { folder })).rejects.toThrow('has the migration 0002-second, which this version');
  });

  test('without its way down, misnamed, or with a number used twice is refused', async () => {
    await cp(join(folder, '0001-first.up.sql'), join(folder, '0003-lonely.up.sql'));
    await expect(migrate(url, 'up', { folder })).rejects.toThrow('0003-lonely.up.sql has no counterpart');
    await write('0003-lonely', '', '');
    await write('0003-other', '', '');
    await expect(migrate(url, 'up', { folder })).rejects.toThrow('Two migrations have the number of 0003-other.');
    await write('4-short', '', '');
    await expect(migrate(url, 'up', { folder })).rejects.toThrow('4-short.up.sql is misnamed');
    expect(await tables()).toEqual([]);
  });
});

describe('the snapshot', () => {
  const everything = `
    create schema box;
    create extension citext;
    create type box.colour as enum ('red', 'blue');
    create domain box.short as text check (length(value) < 3);
    create table box.parent (id bigint generated always as identity primary key, c box.colour not null default 'red');
    create table box.part (id bigint not null, at date not null, twice bigint generated always as (id * 2) stored,
      foreign key (id) references box.parent) partition by range (at);
    create table box.part_1 partition of box.part for values from ('2020-01-01') to ('2021-01-01');
    create unlogged table box.loose (word text collate "C");
    alter table box.loose alter word set statistics 7;
    create index loose_word on box.loose (lower(word)) where word is not null;
    create view box.seen as select word from box.loose;
    create function box.f() returns trigger language plpgsql as 'begin return new; end';
    create trigger t before insert on box.loose for each row execute function box.f();
    create sequence box.counter increment 5;`;

  test('shows every kind of thing, so that a change of any is seen', async () => {
    await withClient(url, (client) => client.query(everything));
    const text = await schema();
    for (const shown of [
      'schema box;',
      'extension citext;',
      "type box.colour enum ('red', 'blue');",
      'type box.short domain over text;',
      "c box.colour not null default 'red'::box.colour",
      'id bigint not null generated always as identity',
      'twice bigint generated always as ((id * 2)) stored',
      'constraint part_id_fkey on box.part FOREIGN KEY (id) REFERENCES box.parent(id);',
      'partitioned table box.part RANGE (at)',
      "table box.part_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
      'table box.loose unlogged',
      'word text collate "C" statistics 7',
      'CREATE INDEX loose_word ON box.loose USING btree (lower(word)) WHERE (word IS NOT NULL);',
      'view box.seen (',
      'CREATE OR REPLACE FUNCTION box.f()',
      'CREATE TRIGGER t BEFORE INSERT ON box.loose',
      'sequence box.counter bigint start 1 increment 5;',
    ]) {
      expect(text).toContain(shown);
    }
  });
});

describe('the command', () => {
  let printed: string;
  const command = (words: string, env: NodeJS.ProcessEnv = { DATABASE_URL: url }): Promise<number> => {
    printed = '';
    const print = (line: string): void => void (printed += `${line}\n`);
    return runCommand(words.split(' '), env, migrate, { log: print, error: print });
  };

  test('does what it says, and says what it did', async () => {
    expect(await command('up --to 1')).toBe(0);
    expect(printed).toBe('applied 0001-event-log\n');
    expect(await command('up --to 1')).toBe(0);
    expect(printed).toBe('nothing to do\n');
    expect(await command('down --to 0')).toBe(0);
    expect(printed).toBe('took back 0001-event-log\n');
  });

  test('explains itself', async () => {
    expect(await command('help')).toBe(0);
    expect(printed).toContain('Usage: npm run migrate -- <command>');
  });

  test.each([
    ['sideways', 'Say what to do: up, down or snapshot.'],
    ['up down', 'Say what to do: up, down or snapshot.'],
    ['up --to many', '--to takes the number of a migration, with up or down.'],
    ['up --speed', "Unknown option '--speed'"],
  ])('%s is wrong usage', async (words, sentence) => {
    expect(await command(words)).toBe(2);
    expect(printed).toContain(sentence);
  });

  test('asks for the database', async () => {
    expect(await command('up', {})).toBe(78);
    expect(printed).toMatch(/^DATABASE_URL must be a URL .*; it is not set\.\n$/);
  });

  test('fails in one sentence when there is no database', async () => {
    expect(await command('up', { DATABASE_URL: 'postgres://127.0.0.1:1/none' })).toBe(1);
    expect(printed).toMatch(/^The database could not be migrated: .*ECONNREFUSED.*\n$/);
  });
});
