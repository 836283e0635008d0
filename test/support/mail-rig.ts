import { randomBytes, randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { toPublicMessage } from '@rollbook/shared/contracts/public-events';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd } from '@rollbook/shared/event-log/event-log';
import { PostgresEventStore } from '@rollbook/shared/event-log/postgres/postgres-event-store';
import { EMPTY_STREAM, sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import type { Running } from '@rollbook/shared/process/running';
import { createPool, type Pool } from '@rollbook/shared/sql/pool';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { start, type MailerOverrides } from '../../mailer-worker/src/main.ts';
import { createDatabase } from './postgres.ts';
import { startSmtpServer, type TestSmtpServer } from './smtp.ts';

const aSecret = (): string => `k1:${randomBytes(32).toString('base64')}`;

/** Somebody whose stream exists, with the request that a verification mail belongs to. */
export interface MailPerson {
  readonly id: string;
  readonly email: string;
  readonly requestId: string;
}

/** The mailer as it runs, between a real log, a real feed and a real SMTP server; the test plays relay and command side. */
export interface MailRig {
  readonly smtp: TestSmtpServer;
  readonly env: NodeJS.ProcessEnv;
  readonly links: LinkTokens;
  readonly keys: PostgresKeyRing;
  readonly pool: Pool;
  readonly log: EventLog;
  startMailer(overrides?: MailerOverrides): Promise<Running>;
  /** Writes a registration with its request for a verification mail. `at`: ms since 1970, default now. */
  register(options?: { via?: 'self' | 'staff'; portal?: string; at?: number; username?: string }): Promise<MailPerson>;
  append(stream: string, ...events: readonly AnyNewEvent[]): Promise<void>;
  noticeAddressInUse(person: MailPerson): Promise<void>;
  /** Publishes what stands in the log and was not published yet, as the relay does. */
  relay(): Promise<void>;
  /** The rows of the mailer's inbox, oldest first. */
  deliveries(): Promise<readonly Record<string, unknown>[]>;
  untilStatus(...statuses: readonly string[]): Promise<void>;
  deadLetters(): Promise<readonly { message_id: string; reason: string }[]>;
  close(): Promise<void>;
}

/** `feedUrl`: where the messages go; by default tables in the rig's own database. */
export async function startMailRig({ feedUrl }: { readonly feedUrl?: string } = {}): Promise<MailRig> {
  const [database, smtp] = await Promise.all([createDatabase(), startSmtpServer()]);
  const [MASTER_KEY, LINK_KEYS] = [aSecret(), aSecret()];
  const secretOf = (text: string) => [{ id: 'k1', secret: Buffer.from(text.slice(3), 'base64') }];
  const pool = createPool({ url: database.url, applicationName: 'test', max: 4 });
  const random = systemRandom;
  const keys = new PostgresKeyRing({ pool, masterKeys: new MasterKeys(secretOf(MASTER_KEY), random), random });
  const store = new PostgresEventStore({ url: database.url, clock: systemClock, random });
  const feed = await connectMessageFeed({
    ...{ url: feedUrl ?? database.url, clock: systemClock, applicationName: 'test' },
    // It only publishes here, and whoever does hears of a fault.
    ...{ onFault: () => undefined, onStalled: () => undefined },
  });
  let now: number | null = null;
  const clock: Clock = { ...systemClock, now: () => now ?? systemClock.now() };
  const log = sealedEventLog({ store, keys, clock, random });
  const links = new LinkTokens(secretOf(LINK_KEYS), 7 * 86_400_000);
  const started: Running[] = [];
  let relayed: Awaited<ReturnType<typeof store.end>> = null;

  const context = () => ({
    actor: { kind: 'anonymous', id: null } as const,
    origin: null,
    requestId: 'req_test',
    correlationId: 'req_test',
    causationId: null,
    commandId: randomUUID(),
  });
  const append = async (stream: string, ...events: readonly AnyNewEvent[]): Promise<StreamEnd> => {
    const { end } = await log.read(stream).catch(() => ({ end: EMPTY_STREAM }));
    const result = await log.append(stream, end, events, context());
    if (result.outcome !== 'stored') throw new Error(result.outcome);
    return end;
  };
  const deliveries = async () =>
    (await pool.query<Record<string, unknown>>('select * from mailer.deliveries order by received_at, event_id')).rows;

  const env: NodeJS.ProcessEnv = {
    DATABASE_URL: database.url,
    ...(feedUrl === undefined ? {} : { MESSAGE_FEED_URL: feedUrl }),
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Rollbook <no-reply@rollbook.example>',
    PUBLIC_URL: 'https://rollbook.example',
    PORTALS: 'shop=https://shop.example/account',
    MASTER_KEY,
    LINK_KEYS,
    PORT: '0',
    LOG_LEVEL: 'silent',
  };

  return {
    smtp,
    env,
    links,
    keys,
    pool,
    log,
    deliveries,
    async startMailer(overrides) {
      const mailer = await start(env, overrides);
      started.push(mailer);
      return mailer;
    },
    async register({ via = 'self', portal, at, username = 'mia' } = {}) {
      const id = randomUUID();
      const email = `${id.slice(0, 8)}@example.org`;
      now = at ?? null;
      await append(
        userStream(id),
        {
          type: 'UserRegistered',
          data: {
            via,
            role: 'user',
            emailClaimId: randomUUID(),
            usernameClaimId: randomUUID(),
            emailDigest: 'ed',
            usernameDigest: 'ud',
            hasPassword: true,
          },
          personal: {
            email,
            username,
            name: null,
            firstName: null,
            lastName: null,
            phone: null,
            preferences: {},
            passwordHash: null,
          },
        },
        {
          type: 'EmailVerificationRequested',
          data: { withRejection: via === 'self', portal: portal ?? null, emailDigest: 'ed' },
          personal: { email, username },
        },
      );
      now = null;
      const { events } = await log.read(userStream(id));
      return { id, email, requestId: events[1]?.id ?? '' };
    },
    async append(stream, ...events) {
      await append(stream, ...events);
    },
    async noticeAddressInUse({ id, email }) {
      await append(signinStream(id), {
        type: 'AddressInUseNoticed',
        data: { portal: null },
        personal: { email, username: 'mia' },
      });
    },
    async relay() {
      const page = await store.readAll({ after: relayed });
      relayed = page.position;
      await feed.publish(page.events.map(toPublicMessage).filter((message) => message !== null));
    },
    async untilStatus(...statuses) {
      const wanted = [...statuses].sort().join();
      const limit = Date.now() + 8_000;
      for (;;) {
        const found = (await deliveries())
          .map(({ status }) => String(status))
          .sort()
          .join();
        if (found === wanted) return;
        if (Date.now() > limit) throw new Error(`The inbox shows ${found}, not ${wanted}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async deadLetters() {
      const { rows } = await pool.query<{ message_id: string; reason: string }>(
        'select message_id, reason from message_feed.dead_letters',
      );
      return rows;
    },
    async close() {
      await Promise.all(started.map((mailer) => mailer.stop()));
      await Promise.all([smtp.close(), store.close(), feed.close()]);
      await pool.end();
      await database.drop();
    },
  };
}
