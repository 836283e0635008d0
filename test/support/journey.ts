import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position, StoredEvent } from '@rollbook/shared/event-log/event';
import type { LogPage } from '@rollbook/shared/event-log/port';
import pg from 'pg';
import { REJECTIONS } from '@rollbook/shared/contracts/rejections';
import { call, linkToken, type CallOptions, type ClientAnswer } from './client.ts';
import { ADMIN, type TestRollbook } from './rollbook.ts';
import type { ReceivedMail } from './smtp.ts';
import { typedClient, type BodyOf, type Registration, type Schemas, type TypedAnswer } from './typed-client.ts';

export const PASSWORD = 'Correct-Horse-7';

/** What an answer of refusal says, in a form that compares: status, code, and the first detail's field and code. */
export const refusal = ({ status, body }: ClientAnswer): readonly unknown[] => {
  const { code, details } = (body as Schemas['Error']).error;
  return [status, code, ...(details[0] ? [details[0].field, details[0].code] : [])];
};

type Me = TypedAnswer<Schemas['User']>;
// All fields are asked for.
const whoIs = (url: string, token: string) => typedClient(url, token).GET('/v1/users/me') as Promise<Me>;

/** Whether the read model does not know the person yet. */
const isBehind = ({ status, body }: ClientAnswer): boolean =>
  status === 503 && (body as Schemas['Error']).error.message === REJECTIONS.read_model_behind.message;

/**
 * What `GET /users/me` answers to a token whose session has just ended: queries may let it through for up to a second
 * (docs/protocols.md).
 */
export const meOnceEnded = async (url: string, token: string): Promise<Me> => {
  const until = Date.now() + 1_000;
  for (;;) {
    const answer = await whoIs(url, token);
    if (answer.status !== 200 || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Not as a cookie. */
type SignedIn = Schemas['Tokens'] & { readonly refresh_token: string };
type Asking = Pick<CallOptions, 'token' | 'headers'>;

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
  /** The typed client, with the token where there is one. */
  const as = (token?: string) => typedClient(url, token);
  // Private registration, which answers without the person, is read by journeys of its own.
  const register = (name: string, more: Partial<Registration> = {}, { token, headers = {} }: Asking = {}) =>
    as(token).POST('/v1/users', {
      body: {
        email: `${name}@example.com`,
        username: name,
        password: PASSWORD,
        ...(more as Partial<BodyOf<'post', '/v1/users'>>),
      },
      headers,
    }) as Promise<TypedAnswer<Schemas['User']>>;
  const verify = async (name: string) => {
    const token = linkToken(await mailTo(`${name}@example.com`), 'verify-email');
    return as().POST('/v1/auth/verify-email', { body: { token } });
  };
  const signIn = (username: string, password = PASSWORD) =>
    as().POST('/v1/auth/login', { body: { username, password } }) as Promise<TypedAnswer<SignedIn>>;
  /** Registers, verifies and signs in. */
  const member = async (name: string) => {
    await register(name);
    await verify(name);
    return signIn(name);
  };
  const admin = async (): Promise<string> => (await as().POST('/v1/auth/login', { body: ADMIN })).body.access_token;
  /** A person of the role, made by the administrator and signed in. */
  const staff = async (name: string, role: string): Promise<string> => {
    await register(name, { role }, { token: await admin() });
    return (await signIn(name)).body.access_token;
  };
  /** Asked again, as `Retry-After` says, while the read model is behind the sign-in. */
  const me = async (token: string) => {
    for (const until = Date.now() + 15_000; ;) {
      const answer = await whoIs(url, token);
      if (!isBehind(answer) || Date.now() > until) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const meEnded = (token: string) => meOnceEnded(url, token);
  return { as, post, mailsTo, mailTo, register, verify, signIn, member, admin, staff, me, meEnded };
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
