import { Accepted } from '@rollbook/shared/contracts/accepted';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { z } from 'zod';
import * as field from '../../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { requestPasswordReset, type ForgotPasswordPorts } from './request-password-reset.handle.ts';

export interface ForgotPasswordRoute extends ForgotPasswordPorts, SafeRetryPorts {
  readonly portals: ReadonlySet<string>;
}

export const requestPasswordResetRoute = (ports: ForgotPasswordRoute): Endpoint =>
  defineEndpoint({
    operation: 'requestPasswordReset',
    tag: 'Passwords',
    summary: 'Ask for a mail to set a new password',
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
        body: { status: 'accepted', message: 'If there is an account with this address, a mail is on its way.' },
        after: async () => {
          await requestPasswordReset(ports, command, wanted);
        },
      });
    },
  });
