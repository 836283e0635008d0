import { z } from 'zod';
import * as from from './settings.ts';
import { setting } from './config.ts';
import { secret, secretList } from './secret-settings.ts';

// What more than one process reads: each setting once, with its default and with its words for docs/configuration.md
// (links there are relative to docs/). Where a process may do without one, it says `.optional()` itself.

const MINUTE = 60;
const DAY = 86_400;

export const NODE_ENV = z
  .string()
  .default('production')
  .describe(
    "`test` allows a `BCRYPT_COST` below 10, `test` and `development` allow the event store's first password, and `npm run seed` refuses `production` without `--production`.",
  );

export const HOST = from.host().default('127.0.0.1').describe('Where to listen.');

const PORT_SAYS =
  'Where to listen: 8000 for the gateway and `npm start`; the services, in the order command-api, query-api, projector, mailer-worker, 8001 to 8004. `npm run start:large` gives the services the four ports after it.';

/** `PORT`; each process has a default of its own. */
export const portOr = (standard: number) => from.port().default(standard).describe(PORT_SAYS);

export const LOG_LEVEL = from
  .logLevel()
  .describe('What is worth a line. `npm start` says only what is a `warn`, for its lines are read by people.');

export const DATABASE_URL = from
  .urlOf('postgres', 'postgresql')
  .describe(
    'PostgreSQL: read models, keys, limits. `npm start` starts one where it is not set; beside a running `npm start` the commands take that one.',
  );

export const EVENT_STORE_URL = from
  .urlOf('postgres', 'postgresql', 'esdb', 'esdb+discover')
  .describe(
    'The event log: [operations](operations.md#two-profiles-one-code). The mailer and the commands take `DATABASE_URL` where it is not set.',
  );

export const MESSAGE_FEED_URL = from
  .urlOf('postgres', 'postgresql', 'kafka')
  .describe(
    'The message feed: [event feed](features/event-feed.md). The mailer and `npm run dead-letters` take `DATABASE_URL` where it is not set.',
  );

export const SMTP_URL = from
  .urlOf('smtp', 'smtps')
  .describe('The mail server. Without it `npm start` has an inbox of its own.');

export const PUBLIC_URL = from
  .publicUrl()
  .describe(
    'Where people reach Rollbook. Links in mails begin with it; it decides the name of the cookie and whose pages may send it.',
  );

export const PORTALS = from
  .portals()
  .describe('Other sites that a link in a mail may lead to, chosen by `portal` in the request that causes the mail.');

export const CORS_ORIGINS = from
  .origins()
  .optional()
  .describe(
    '[Whose pages may use the API](features/signing-in.md#pages-of-other-origins) beside our own. Exactly as browsers send them; `*` is refused.',
  );

export const TRUST_PROXY = from
  .trustProxy()
  .default(0)
  .describe(
    'How many proxies stand in front, or their networks. Whoever is not among them is the client, whatever headers it sends.',
  );

export const ADMIN_EMAIL = z
  .string()
  .optional()
  .describe('Address of the first administrator; read only while no administrator was ever listed.');

export const ADMIN_PASSWORD = z
  .string()
  .optional()
  .describe('Password of the first administrator. `npm start` makes both where neither is set.');

export const MASTER_KEY = secretList().describe(
  'Wraps the keys of persons. Former ones stay for ever: [keys](operations.md#keys).',
);

export const PASSWORD_PEPPER = secretList().describe("Goes into every password's hash.");

export const DIGEST_KEY = secret().describe('Finds names and commands; never changes.');

export const LINK_KEYS = secretList().describe('Sign links in mails.');

export const TOKEN_ISSUER = z
  .string()
  .optional()
  .describe('`iss` of every token; `PUBLIC_URL` where it is not set. The same for both.');

export const TOKEN_AUDIENCE = z.string().default('rollbook').describe('`aud` of every token. The same for both.');

export const ACCESS_TOKEN_TTL = from
  .seconds()
  .default(15 * MINUTE)
  .describe('How long an access token lives. The same for both.');

export const PENDING_TTL = from
  .seconds()
  .default(7 * DAY)
  .describe('When a registration that nobody verified is erased. The same for both.');

/** bcrypt's cost; what is below 10 is for tests only. */
export const BCRYPT_COST = setting('a whole number from 10 to 15 (from 4 with NODE_ENV=test)', (text) => {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= 4 && value <= 15 ? { value } : { problem: 'it is not' };
})
  .default(12)
  .describe('Each more takes twice as long.');

/** Whoever reads both settings refuses a hash that is too cheap for real passwords. */
export const refuseCheapHashes = (
  { BCRYPT_COST: cost, NODE_ENV: kind }: { readonly BCRYPT_COST: number; readonly NODE_ENV?: string | undefined },
  context: z.RefinementCtx,
): void => {
  if (cost < 10 && kind !== 'test')
    context.addIssue({ code: 'custom', path: ['BCRYPT_COST'], message: 'must be at least 10 outside tests' });
};

export const RATE_LIMIT_PER_HOUR = from
  .whole(0)
  .default(1_000)
  .describe(
    '[Requests an hour](features/rate-limits-and-errors.md) of each signed-in person and API key; a key may have a limit of its own. 0: no limit. The same for both.',
  );

export const RATE_LIMIT_ANONYMOUS_PER_HOUR = from
  .whole(0)
  .default(100)
  .describe(
    '[Requests an hour](features/rate-limits-and-errors.md) of each address (IPv6: /64) that nobody is signed in at. 0: no limit. The same for both.',
  );
