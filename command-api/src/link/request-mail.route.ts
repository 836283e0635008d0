import { Accepted } from '@rollbook/shared/contracts/accepted';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { z } from 'zod';
import type { Command } from '../command/command.ts';
import * as field from '../input/fields.ts';
import { commandOf, type SafeRetryPorts } from '../safe-retry/run-safely.ts';
import type { RequestMailPorts, WantedMail } from './request-mail.handle.ts';

export interface MailRequestPorts extends RequestMailPorts, SafeRetryPorts {
  readonly portals: ReadonlySet<string>;
}

interface MailRequest extends Pick<Endpoint, 'operation' | 'tag' | 'summary'> {
  /** What the answer says, whoever asks for whatever address. */
  readonly message: string;
  readonly request: (
    ports: RequestMailPorts,
    command: Command,
    wanted: Pick<WantedMail, 'canonicalEmail' | 'portal'>,
  ) => Promise<'done'>;
}

/** A route by which anybody may ask for a mail to an address: answered before anything is looked up, always the same. */
export const mailRequestRoute = (ports: MailRequestPorts, { message, request, ...about }: MailRequest): Endpoint =>
  defineEndpoint({
    ...about,
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
        body: { status: 'accepted', message },
        after: async () => {
          await request(ports, command, wanted);
        },
      });
    },
  });
