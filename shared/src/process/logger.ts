import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Values under these names never reach a log, wherever a line carries them (two levels deep). */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'new_password',
  'current_password',
  'passwordHash',
  'token',
  'access_token',
  'refresh_token',
  'secret',
  'email',
];

const paths = [
  ...SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  'req.headers["set-cookie"]',
  'res.headers["set-cookie"]',
];

/**
 * What a log tells of a fault: its kind, code, message and stack. The rest is left out, because drivers put values
 * there (`detail` of PostgreSQL quotes rows, `rejected` of SMTP holds addresses).
 */
export function describeFault(fault: unknown): Record<string, unknown> {
  if (!Error.isError(fault)) return { type: typeof fault };
  const error = fault as Error & { code?: unknown };
  return {
    type: error.name,
    ...(error.code === undefined ? {} : { code: error.code }),
    message: error.message,
    stack: error.stack,
    ...(Error.isError(error.cause) ? { cause: describeFault(error.cause) } : {}),
  };
}

/** JSON lines on standard output (or `destination`), secrets left out, faults under `err`. */
export function createLogger(
  options: { readonly service: string; readonly level: string },
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[redacted]' },
      serializers: { err: describeFault },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
