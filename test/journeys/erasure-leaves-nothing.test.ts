import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { call, linkToken } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { fullLife, Planted, rejectedLife, troubleFor, type Home } from '../support/planted-lives.ts';
import { everyFile, everyTable, Wanted, whereFound, withoutFreeSpace } from '../support/search-everything.ts';
import { dataFolder, root, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

/** How long everything may take to be clean, ms. */
const CLEAN = 60_000;
/** PostgreSQL's own folder below DATA_DIR. */
const OWN = 'postgres';

/** Tables in which not even the id stays. */
const WORKING = /^(?:command|mailer|working)\.|\.user_sessions$|\.parked_events$|\.dead_letters$/;

describe('Whoever is erased', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let rollbook: StandaloneProcess;
  let home: Home;
  let id: string;
  let rejected: string;
  let begun: number;
  const [planted, plantedByStranger] = [new Planted(), new Planted()];

  const inbox = async (): Promise<string> => (await fetch(`${rollbook.url}/dev/inbox.json`)).text();
  const mailTo = async (address: string, path: string): Promise<string> => {
    let text: string | undefined;
    await until(`the mail with ${path}`, async () => {
      const mails = JSON.parse(await inbox()) as readonly { to: string; text: string }[];
      text = mails.find((mail) => mail.to === address && mail.text.includes(`/${path}?token=`))?.text;
      return text !== undefined;
    });
    return linkToken(text, path);
  };
  const query = async (...texts: readonly string[]): Promise<readonly Record<string, string>[]> => {
    const client = new pg.Client({ connectionString: rollbook.services.database_url });
    await client.connect();
    try {
      let rows: Record<string, string>[] = [];
      for (const text of texts) ({ rows } = await client.query<Record<string, string>>(text));
      return rows;
    } finally {
      await client.end();
    }
  };
  /** Everywhere but in PostgreSQL's own files. */
  const everywhere = async (): Promise<ReadonlyMap<string, string>> =>
    new Map([
      ...(await everyTable(rollbook.services.database_url)),
      ...(await everyFile(data.path, { skip: [OWN] })),
      ['the inbox', await inbox()],
      ['the logs', rollbook.said()],
    ]);
  const wanted = (): Wanted => new Wanted([...planted.strings, ...plantedByStranger.strings]);
  /** PostgreSQL's files as they stand on the disk now, but its WAL. */
  const databaseFiles = async (): Promise<ReadonlyMap<string, string>> => {
    await query('checkpoint');
    return everyFile(join(data.path, OWN), { skip: ['pg_wal'], since: begun });
  };

  beforeAll(async () => {
    data = await dataFolder();
    rollbook = await startStandalone(data.path, {
      ...{ LOG_LEVEL: 'trace', RATE_LIMIT_CREDENTIALS_PER_HOUR: '0', TRUST_PROXY: 'loopback' },
    });
    const credentials = JSON.parse(await readFile(join(data.path, 'first-admin.json'), 'utf8')) as object;
    const admin = (await call(rollbook.url, 'POST', '/auth/login', { body: credentials })).body.access_token;
    home = { url: rollbook.url, admin, mailTo };
  });
  afterAll(async () => {
    await rollbook.stop();
    await data.remove();
  });

  test('was everywhere before: 100 strings in every personal field, with mails, sessions and stored answers', async () => {
    begun = Date.now();
    id = await fullLife(home, planted);
    await query(...troubleFor(id, planted), 'analyze');
    expect(planted.strings.length).toBeGreaterThanOrEqual(100);

    const found = whereFound(wanted(), await everywhere());
    const places = ['read_model.user_directory', 'read_model.user_sessions', 'read_model.parked_events', 'the inbox'];
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining([
        ...places,
        'read_model.api_keys',
        'message_feed.dead_letters',
        'pg_catalog.pg_statistic',
      ]),
    );
    expect(found['read_model.user_directory']?.length).toBeGreaterThan(8);
    // What must be unreadable is so from the beginning.
    for (const place of ['event_log.events', 'message_feed.messages', 'command.stored_answers', 'the logs'])
      expect([place, found[place]]).toEqual([place, undefined]);
    expect(whereFound(wanted(), await databaseFiles())).not.toStrictEqual({});
  }, 120_000);

  test('is nowhere within 60 s: in no table, no file, no mail and no log; nor is who never wanted the account', async () => {
    rejected = await rejectedLife(home, plantedByStranger);
    const erased = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: home.admin });
    expect(erased.status).toBe(204);
    const latest = Date.now() + CLEAN;
    for (;;) {
      const places = await everywhere();
      // The bare id may stay in the log and what is made from it, not in a working table.
      const named = [...places].filter(
        ([place, text]) => WORKING.test(place) && [id, rejected].some((person) => text.includes(person)),
      );
      const found = { ...whereFound(wanted(), places), ...Object.fromEntries(named) };
      if (Object.keys(found).length === 0) break;
      if (Date.now() > latest) expect(found).toStrictEqual({});
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(Date.now()).toBeLessThan(latest);
  }, 120_000);

  test('is left by a plain VACUUM only in the free space of pages, where no query reads', async () => {
    let left: Readonly<Record<string, readonly string[]>> = {};
    const swept = async (): Promise<boolean> => {
      // A page that somebody looks at at that moment is passed over.
      await query('vacuum');
      const files = await databaseFiles();
      expect([...files.keys()].some((path) => path.includes('/base/'))).toBe(true);
      left = whereFound(wanted(), files);
      const used = [...files].filter(([path]) => path in left).map(([path, text]) => [path, withoutFreeSpace(text)]);
      return Object.keys(whereFound(wanted(), new Map(used as [string, string][]))).length === 0;
    };
    await until('no page holds anything in use', swept, CLEAN);
    // It does leave something there: else the next test would show nothing.
    expect(left).not.toStrictEqual({});
    const rows = await query(
      `select pg_relation_filepath(c.oid) as file, coalesce(i.indrelid, c.oid)::regclass::text as name
       from pg_class c left join pg_index i on i.indexrelid = c.oid where c.relkind in ('r', 'i', 't')`,
    );
    const names = Object.keys(left).map((path) => rows.find(({ file }) => path.endsWith(`/${file ?? ''}`))?.['name']);
    const known = [
      ...['read_model.user_directory', 'read_model.user_sessions', 'read_model.parked_events', 'read_model.api_keys'],
      ...['message_feed.dead_letters', 'pg_statistic'],
    ];
    expect(known).toEqual(expect.arrayContaining(names));
  }, 120_000);

  test('is in none of PostgreSQL’s files after the commands that the documentation names', async () => {
    const page = await readFile(join(root, 'docs/features/deactivation-and-erasure.md'), 'utf8');
    const commands = /```text\n(?<sql>vacuum[^`]+)```/.exec(page)?.groups?.['sql'] ?? '';
    const statements = commands.split(';').map((text) => text.trim());
    expect(statements.length).toBeGreaterThan(1);
    await query(...statements.filter((text) => text !== ''));
    expect(whereFound(wanted(), await databaseFiles())).toStrictEqual({});
  }, 120_000);
});
