import { Accepted } from '@rollbook/shared/contracts/accepted';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { NameDigests } from '@rollbook/shared/person/name-digests';
import { z } from 'zod';
import type { CredentialLimits } from '../../credential-limits/credential-limits.ts';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { resendVerification } from './resend-verification.handle.ts';

export interface ResendVerificationRoute extends SafeRetryPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly digests: NameDigests;
  readonly limits: CredentialLimits;
  readonly portals: ReadonlySet<string>;
}

export const resendVerificationRoute = (ports: ResendVerificationRoute): Endpoint =>
  defineEndpoint({
    operation: 'resendVerification',
    tag: 'Registration',
    summary: 'Ask again for the verification mail',
    description: 'Always 202, sent before anything is looked up, so it tells nothing about the address.',
    token: 'ignored',
    permission: { who: 'anyone' },
    body: z.strictObject({ email: field.email, portal: field.portal(ports.portals).nullish() }),
    example: { email: 'ada@example.com' },
    answers: { 202: { description: 'Accepted. Promises no effect.', body: Accepted, promisesNothing: true } },
    errors: ['VALIDATION_ERROR'],
    handle: ({ body }, context) => {
      const wanted = { canonicalEmail: canonicalEmail(body.email) ?? '', portal: body.portal ?? null };
      const command = commandOf(ports, context, null);
      return Promise.resolve({
        status: 202,
        body: { status: 'accepted', message: 'If there is something to verify, a mail is on its way.' },
        after: async () => {
          await resendVerification(ports, command, wanted);
        },
      });
    },
  });
