import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { LogPage } from '@rollbook/shared/event-log/port';
import pg from 'pg';
import { call, linkToken, type CallOptions, type ClientAnswer } from './client.ts';
import { ADMIN, type TestRollbook } from './rollbook.ts';
import type { ReceivedMail } from './smtp.ts';

export const PASSWORD = 'Correct-Horse-7';

/** What an answer of refusal says, in a form that compares: status, code, and the first detail's field and code. */
export const refusal = ({ status, body }: ClientAnswer): readonly unknown[] => {
  const { code, details } = body.error as { code: string; details: readonly { field: string; code: string }[] };
  return [status, code, ...(details[0] ? [details[0].field, details[0].code] : [])];
};

/**
 * What `GET /users/me` answers to a token whose session has just ended: queries may let it through for up to a second
 * (docs/protocols.md).
 */
export const meOnceEnded = async (url: string, token: string): Promise<ClientAnswer> => {
  const until = Date.now() + 1_000;
  for (;;) {
    const answer = await call(url, 'GET', '/users/me', { token });
    if (answer.status !== 200 || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Shortcuts for what most journeys do, all through the public API and the mailbox. */
export const journeyOn = (rollbook: Pick<TestRollbook, 'url' | 'smtp'>) => {
  const { url, smtp } = rollbook;
  const post = (path: string, body: unknown, options: CallOptions = {}): Promise<ClientAnswer> =>
    call(url, 'POST', path, { ...options, body });
  const mailsTo = (address: string): readonly ReceivedMail[] =>
    smtp.received.filter(({ recipients }) => recipients.includes(address));
  /** The n-th mail to the address; waits for it. */
  const mailTo = async (address: string, count = 1): Promise<string> => {
    for (const until = Date.now() + 20_000; Date.now() < until;) {
      const mail = mailsTo(address)[count - 1];
      if (mail) return mail.mail.text ?? '';
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`Mail ${String(count)} to ${address} never came; ${String(mailsTo(address).length)} did`);
  };
  const register = (name: string, more: object = {}, options: CallOptions = {}): Promise<ClientAnswer> =>
    post('/users', { email: `${name}@example.com`, username: name, password: PASSWORD, ...more }, options);
  const verify = async (name: string): Promise<ClientAnswer> =>
    post('/auth/verify-email', { token: linkToken(await mailTo(`${name}@example.com`), 'verify-email') });
  const signIn = (username: string, password = PASSWORD): Promise<ClientAnswer> =>
    post('/auth/login', { username, password });
  /** Registers, verifies and signs in. */
  const member = async (name: string): Promise<ClientAnswer> => {
    await register(name);
    await verify(name);
    return signIn(name);
  };
  const admin = async (): Promise<string> => String((await post('/auth/login', ADMIN)).body.access_token);
  /** A person of the role, made by the administrator and signed in. */
  const staff = async (name: string, role: string): Promise<string> => {
    await register(name, { role }, { token: await admin() });
    return String((await signIn(name)).body.access_token);
  };
  const me = (token: string): Promise<ClientAnswer> => call(url, 'GET', '/users/me', { token });
  const meEnded = (token: string): Promise<ClientAnswer> => meOnceEnded(url, token);
  return { post, mailsTo, mailTo, register, verify, signIn, member, admin, staff, me, meEnded };
};

/** Reads the database behind the service's back. */
export const query = async <Row extends pg.QueryResultRow>(
  { databaseUrl }: Pick<TestRollbook, 'databaseUrl'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
};

/** The types of the events in a stream, in order. */
export const typesIn = async ({ store }: Pick<TestRollbook, 'store'>, stream: string): Promise<readonly string[]> =>
  (await store.read(stream)).map(({ type }) => type);

/** A log that a busy machine keeps from answering is asked again: here it is only looked at. */
const patiently = async <T>(read: () => Promise<T>, tries = 10): Promise<T> => {
  try {
    return await read();
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable) || tries === 1) throw fault;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return patiently(read, tries - 1);
  }
};

/** All events of the log, of one type or of all. */
export const eventsIn = async (
  { store }: Pick<TestRollbook, 'store'>,
  type?: string,
): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let after: Position | null = null; ;) {
    const options = { after, ...(type !== undefined && { filter: { types: [type] } }) };
    const page: LogPage = await patiently(() => store.readAll(options));
    // Checkpoints come at times of their own, whatever a journey does.
    events.push(...page.events.filter((event) => type !== undefined || event.type !== 'CheckpointSigned'));
    if (page.atEnd) return events;
    after = page.position;
  }
};

/** How many events stand in the log, of one type or of all. */
export const countEvents = async (rollbook: Pick<TestRollbook, 'store'>, type?: string): Promise<number> =>
  (await eventsIn(rollbook, type)).length;
