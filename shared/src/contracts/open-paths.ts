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

export type OpenPath = (typeof OPEN_PATHS)[number];
