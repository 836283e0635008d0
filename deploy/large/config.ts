import { z } from 'zod';
import { whole } from '@rollbook/shared/process/settings';
import { HOST } from '@rollbook/shared/process/shared-settings';

/** The services behind the gateway, each on a port of its own after the gateway's. */
export const SERVICES = ['command-api', 'query-api', 'projector', 'mailer-worker'] as const;

/** What `npm run start:large` itself reads; what the services read is handed on to them. */
export const LargeSettings = z.object({
  HOST,
  PORT: whole(1, 65_535 - SERVICES.length).default(8000),
});
