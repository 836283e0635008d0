import { randomUUID } from 'node:crypto';
import type { Position } from '@rollbook/shared/event-log/event';
import { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import type { Running } from '@rollbook/shared/process/running';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn, PASSWORD, query as sql } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

const sessionOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;

/** People, keys and links, so that every request is one change away from being served; nothing of it is spent. */
export interface Stage {
  readonly rollbook: TestRollbook;
  /** A second command-api where one failure is too many, and registration tells nothing. */
  readonly strict: string;
  /** Two more, where the second request of an hour is one too many. */
  readonly counting: Readonly<Record<'commandApi' | 'queryApi', string>>;
  readonly admin: string;
  /** Somebody active, whose links are open. */
  readonly ada: {
    readonly id: string;
    readonly token: string;
    readonly sessionId: string;
    readonly refreshToken: string;
  };
  readonly invited: string;
  readonly links: Readonly<Record<'verify' | 'reject' | 'reset' | 'email' | 'erasure' | 'invitation', string>>;
  readonly apiKeys: Readonly<Record<'id' | 'readsUsers' | 'followsEvents', string>>;
  /** Of an event that a read model has put aside. */
  readonly parked: string;
  /** Of an event of the trail. */
  readonly event: string;
  /** Of a log that has gone on, and its read models with it, much further than they are. */
  readonly fromTheFuture: string;
  stop(): Promise<void>;
}

/** The answer's body, where the answer is a success. */
const bodyOf = ({ status, body }: ClientAnswer): any => {
  if (status >= 300) throw new Error(`The stage cannot be set: ${String(status)} ${JSON.stringify(body)}`);
  return body;
};

const anEventOfTheTrail = async (rollbook: TestRollbook): Promise<string> => {
  const find = () => sql<{ event_id: string }>(rollbook, 'select event_id from read_model.audit_index limit 1');
  await until('the trail has an event', async () => (await find()).length > 0);
  return (await find())[0]?.event_id ?? '';
};

/** A row of the read models' own, as the projector leaves it behind where it could not apply an event. */
const park = async (rollbook: TestRollbook): Promise<string> => {
  const id = randomUUID();
  await sql(
    rollbook,
    `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
     select name, version, '~', $1::uuid, $2, 'user-' || $1::text, 99, 'ProfileChanged', 'planted' from read_model.projections
     where name = 'user_directory' limit 1`,
    [randomUUID(), id],
  );
  return id;
};

const tokenFromTheFuture = async ({ env, store }: TestRollbook): Promise<string> => {
  const [id = '', secret = ''] = (env['MASTER_KEY'] ?? '').split(':');
  const tokens = new ConsistencyTokens([{ id, secret: Buffer.from(secret, 'base64') }]);
  const position = '00000000099999999999' as Position;
  return tokens.issue({ logId: await store.logId(), position, stream: `user-${randomUUID()}`, revision: 9_999 });
};

export const setRefusedStage = async (): Promise<Stage> => {
  // Nothing is sealed unless it is asked for.
  const sealing = { every: 3_600_000, most: 1_000_000 };
  const rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true, sealing });
  const limits = { RATE_LIMIT_CREDENTIALS_PER_HOUR: '1', REGISTRATION_DISCLOSURE: 'private' };
  const once = { RATE_LIMIT_PER_HOUR: '1', RATE_LIMIT_ANONYMOUS_PER_HOUR: '1' };
  const beside: readonly Running[] = await Promise.all([
    startCommandApi({ ...rollbook.env, ...limits }),
    startCommandApi({ ...rollbook.env, ...once }),
    startQueryApi({ ...rollbook.env, ...once }),
  ]);
  const [strict = '', commandApi = '', queryApi = ''] = beside.map(({ addresses }) => addresses['http']);
  const { url } = rollbook;
  const journey = journeyOn(rollbook);
  const admin = await journey.admin();

  const signedIn = bodyOf(await journey.member('ada'));
  const token = String(signedIn.access_token);
  const { id } = signedIn.user as { id: string };
  await journey.post('/auth/forgot-password', { email: 'ada@example.com' });
  bodyOf(await journey.post(`/users/${id}/erasure`, { current_password: PASSWORD }, { token }));
  const elsewhere = { email: 'ada.l@example.com', current_password: PASSWORD };
  bodyOf(await call(url, 'PATCH', `/users/${id}`, { token, body: elsewhere }));

  bodyOf(await journey.register('pia'));
  const invitee = { email: 'ivo@example.com', username: 'ivo' };
  const invited = bodyOf(await journey.post('/users', invitee, { token: admin }));

  const keyFor = async (scope: string) =>
    bodyOf(await journey.post('/api-keys', { name: scope, scopes: [scope] }, { token: admin }));
  const readsUsers = await keyFor('users:read');
  const followsEvents = await keyFor('events:read');

  const mailOf = async (address: string, count: number, path: string): Promise<string> =>
    linkToken(await journey.mailTo(address, count), path);
  /** Whichever of the mails to ada has the link. */
  const ofAda = async (path: string): Promise<string> => {
    for (let count = 2; count <= 4; count += 1) {
      const text = await journey.mailTo('ada@example.com', count);
      if (text.includes(`/${path}?`)) return linkToken(text, path);
    }
    throw new Error(`Ada has no mail with a link to ${path}`);
  };

  return {
    rollbook,
    strict,
    counting: { commandApi, queryApi },
    admin,
    ada: { id, token, sessionId: sessionOf(token), refreshToken: String(signedIn.refresh_token) },
    invited: String(invited.id),
    links: {
      verify: await mailOf('pia@example.com', 1, 'verify-email'),
      reject: await mailOf('pia@example.com', 1, 'reject-registration'),
      reset: await ofAda('reset-password'),
      erasure: await ofAda('confirm-erasure'),
      email: await mailOf('ada.l@example.com', 1, 'confirm-email-change'),
      invitation: await mailOf('ivo@example.com', 1, 'accept-invitation'),
    },
    apiKeys: { id: readsUsers.id, readsUsers: readsUsers.key, followsEvents: followsEvents.key },
    parked: await park(rollbook),
    event: await anEventOfTheTrail(rollbook),
    fromTheFuture: await tokenFromTheFuture(rollbook),
    async stop() {
      await Promise.all(beside.map((each) => each.stop()));
      await rollbook.stop();
    },
  };
};
