import { randomBytes, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { everyFile, everyTable, Wanted, whereFound } from '../support/search-everything.ts';
import { dataFolder, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

/** How long everything may take to be clean, ms. */
const CLEAN = 60_000;
/** PostgreSQL's own folder below DATA_DIR. */
const OWN = 'postgres';

/** Tables in which not even the id stays. */
const WORKING = /^(?:command|mailer)\.|\.user_sessions$|\.parked_events$|\.dead_letters$/;

const planted: string[] = [];
const plant = (text = `zq${randomBytes(6).toString('hex')}`): string => {
  planted.push(text);
  return text;
};
const plantPhone = (): string => `+${plant(String(randomInt(1e13, 9e13)))}`;
const plantEmail = (): string => `${plant()}@${plant()}.example`;

describe('Whoever is erased', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let rollbook: StandaloneProcess;
  let admin: string;
  let id: string;
  const password = `Aa7-${plant()}`;
  const agent = `browser/${plant()}`;

  const send = (method: string, path: string, body?: unknown, token?: string): Promise<ClientAnswer> =>
    call(rollbook.url, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(token === undefined ? {} : { token }),
      headers: { 'user-agent': agent, 'idempotency-key': randomBytes(8).toString('hex') },
    });
  const inbox = async (): Promise<string> => (await fetch(`${rollbook.url}/dev/inbox.json`)).text();
  const mailTo = async (address: string, path: string): Promise<string> => {
    for (;;) {
      const mails = JSON.parse(await inbox()) as readonly { to: string; text: string }[];
      const mail = mails.find(({ to, text }) => to === address && text.includes(`/${path}?token=`));
      if (mail) return linkToken(mail.text, path);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const query = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: rollbook.services.database_url });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  /** Everywhere but in PostgreSQL's own files. */
  const everywhere = async (): Promise<ReadonlyMap<string, string>> =>
    new Map([
      ...(await everyTable(rollbook.services.database_url)),
      ...(await everyFile(data.path, [OWN])),
      ['the inbox', await inbox()],
      ['the logs', rollbook.said()],
    ]);

  beforeAll(async () => {
    data = await dataFolder();
    rollbook = await startStandalone(data.path, { LOG_LEVEL: 'trace', RATE_LIMIT_CREDENTIALS_PER_HOUR: '0' });
    const credentials = JSON.parse(await readFile(join(data.path, 'first-admin.json'), 'utf8')) as object;
    admin = (await call(rollbook.url, 'POST', '/auth/login', { body: credentials })).body.access_token;
  });
  afterAll(async () => {
    await rollbook.stop();
    await data.remove();
  });

  test('was everywhere before: 100 strings in every personal field, with mails, sessions and stored answers', async () => {
    const [email, next] = [plantEmail(), plantEmail()];
    const made = await send('POST', '/users', {
      email,
      username: plant(),
      password,
      first_name: plant(),
      last_name: plant(),
      name: plant(),
      phone: plantPhone(),
      preferences: { [plant()]: plant() },
    });
    expect(made.status).toBe(201);
    id = made.body.id;
    await send('POST', '/auth/verify-email', { token: await mailTo(email, 'verify-email') });
    const { access_token: token } = (await send('POST', '/auth/login', { email, password })).body;
    while (planted.length < 100) {
      const changed = await send(
        'PATCH',
        `/users/${id}`,
        {
          username: plant(),
          first_name: plant(),
          last_name: plant(),
          name: plant(),
          phone: plantPhone(),
          preferences: { [plant()]: [plant()] },
        },
        token,
      );
      expect(changed.status).toBe(200);
    }
    await send('PATCH', `/users/${id}`, { email: next, current_password: password }, token);
    await send('POST', '/auth/confirm-email-change', { token: await mailTo(next, 'confirm-email-change') });
    const again = (await send('POST', '/auth/login', { email: next, password })).body.access_token;
    await send('PATCH', `/users/${id}`, { email: plantEmail(), current_password: password }, again);
    await send('POST', '/auth/forgot-password', { email: next });
    await send('POST', `/users/${id}/erasure`, { current_password: password }, again);
    await mailTo(next, 'confirm-erasure');
    expect(planted.length).toBeGreaterThanOrEqual(100);

    const found = whereFound(new Wanted(planted), await everywhere());
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['read_model.user_directory', 'read_model.user_sessions', 'the inbox']),
    );
    expect(found['read_model.user_directory']?.length).toBeGreaterThan(8);
    // What must be unreadable is so from the beginning.
    for (const place of ['event_log.events', 'message_feed.messages', 'command.stored_answers', 'the logs'])
      expect(found[place]).toBeUndefined();
    await query('checkpoint');
    expect(whereFound(new Wanted(planted), await everyFile(join(data.path, OWN), ['pg_wal']))).not.toStrictEqual({});
  });

  test('is nowhere within 60 s: in no table, no file, no mail and no log', async () => {
    const erased = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
    expect(erased.status).toBe(204);
    const wanted = new Wanted(planted);
    const latest = Date.now() + CLEAN;
    for (;;) {
      const places = await everywhere();
      // The bare id may stay in the log and what is made from it, not in a working table.
      const named = [...places].filter(([place, text]) => WORKING.test(place) && text.includes(id));
      const found = { ...whereFound(wanted, places), ...Object.fromEntries(named) };
      if (Object.keys(found).length === 0) break;
      if (Date.now() > latest) expect(found).toStrictEqual({});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(Date.now()).toBeLessThan(latest);
  });

  test('is not in PostgreSQL’s table files either, once the dead rows are swept out', async () => {
    // Twice: the statistics of the tables stand in tables too.
    for (let times = 0; times < 2; times += 1) await query('vacuum (full, analyze)');
    await query('checkpoint');
    const files = await everyFile(join(data.path, OWN), ['pg_wal']);
    expect([...files.keys()].some((path) => path.includes('/base/'))).toBe(true);
    expect(whereFound(new Wanted(planted), files)).toStrictEqual({});
  });
});
