/** The parts that run in this process. */
export type ServiceName = 'command-api' | 'query-api' | 'projector' | 'mailer-worker';

const EVERY_SERVICE = [
  'NODE_ENV',
  'LOG_LEVEL',
  'DATABASE_URL',
  'EVENT_STORE_URL',
  'PUBLIC_URL',
  'HOST',
  'PORT',
  'TRUST_PROXY',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'MASTER_KEY',
];

/**
 * Which settings each service gets beside those of every service: its secrets, and what it may be told. A password may
 * stand in MESSAGE_FEED_URL too.
 */
const OWN: Readonly<Record<ServiceName, readonly string[]>> = {
  'command-api': [
    'PASSWORD_PEPPER',
    'DIGEST_KEY',
    'LINK_KEYS',
    'TOKEN_PRIVATE_KEYS',
    'RECEIPT_PRIVATE_KEYS',
    'TOKEN_ISSUER',
    'TOKEN_AUDIENCE',
    'ADMIN_EMAIL',
    'ADMIN_PASSWORD',
    'PICTURE_STORE_URL',
    'PORTALS',
    'CORS_ORIGINS',
    'BCRYPT_COST',
    'ACCESS_TOKEN_TTL',
    'REFRESH_TOKEN_TTL',
    'REFRESH_IDLE_TTL',
    'REFRESH_REUSE_GRACE',
    'PENDING_TTL',
    'REGISTRATION_DISCLOSURE',
    'PASSWORD_POLICY',
    'RATE_LIMIT_PER_HOUR',
    'RATE_LIMIT_ANONYMOUS_PER_HOUR',
    'RATE_LIMIT_CREDENTIALS_PER_HOUR',
  ],
  'query-api': [
    'PICTURE_STORE_URL',
    'TOKEN_PUBLIC_KEYS',
    'NOTARY_PUBLIC_KEYS',
    'RECEIPT_PUBLIC_KEYS',
    'TOKEN_ISSUER',
    'TOKEN_AUDIENCE',
    'ACCESS_TOKEN_TTL',
    'CORS_ORIGINS',
    'RATE_LIMIT_PER_HOUR',
    'RATE_LIMIT_ANONYMOUS_PER_HOUR',
  ],
  projector: ['MESSAGE_FEED_URL', 'NOTARY_PRIVATE_KEYS', 'CHECKPOINT_SINK'],
  'mailer-worker': ['MESSAGE_FEED_URL', 'LINK_KEYS', 'SMTP_URL', 'MAIL_FROM', 'PORTALS', 'PENDING_TTL'],
};

/** The environment of one service: what it needs, and nothing else. */
export function settingsOf(service: ServiceName, all: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = [...EVERY_SERVICE, ...OWN[service]];
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
}
