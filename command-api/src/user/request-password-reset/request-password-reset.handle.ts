import type { Command } from '../../command/command.ts';
import { requestMail, type RequestMailPorts } from '../../link/request-mail.handle.ts';
import { decidePasswordResetRequest } from './request-password-reset.decide.ts';

/** Asks for the mail that lets the owner of an address in again. Runs after the answer was sent. */
export const requestPasswordReset = (
  ports: RequestMailPorts,
  command: Command,
  wanted: { readonly canonicalEmail: string; readonly portal: string | null },
): Promise<'done'> => requestMail(ports, command, { ...wanted, kind: 'reset', decide: decidePasswordResetRequest });
