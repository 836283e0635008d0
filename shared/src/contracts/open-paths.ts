import { PUBLIC_EVENTS } from './public-events.ts';

/**
 * Paths outside `/v1`, all read by GET (and HEAD). They stand here so that both APIs can answer `OPTIONS` and 405 for
 * each, whichever of them serves it.
 */
export const OPEN_PATHS = [
  '/health/live',
  '/health/ready',
  '/.well-known/jwks.json',
  '/.well-known/receipt-keys.json',
  '/.well-known/audit-keys.json',
  '/openapi.json',
  '/asyncapi.json',
  '/docs',
  '/assets/docs-page.js',
  '/assets/swagger-ui.css',
  '/assets/swagger-ui-bundle.js',
  '/verify-email',
  '/reject-registration',
  '/reset-password',
  '/accept-invitation',
  '/confirm-email-change',
  '/confirm-erasure',
  '/assets/mail-link.js',
  '/assets/mail-link.css',
] as const;

/** Where the JSON Schema of a public event's data is read. */
export const eventSchemaPath = (type: string): `/schemas/events/${string}` => `/schemas/events/${type}.json`;

const EVENT_SCHEMAS = new Set<string>(Object.keys(PUBLIC_EVENTS).map(eventSchemaPath));

export const isOpenPath = (path: string): boolean =>
  (OPEN_PATHS as readonly string[]).includes(path) || EVENT_SCHEMAS.has(path);

export type OpenPath = (typeof OPEN_PATHS)[number];
