import type { Command } from '../../command/command.ts';
import { requestMail, type RequestMailPorts } from '../../link/request-mail.handle.ts';
import { decideResendVerification } from './resend-verification.decide.ts';

/** Asks again for the verification mail, where there is somebody to mail to. Runs after the answer was sent. */
export const resendVerification = (
  ports: RequestMailPorts,
  command: Command,
  wanted: { readonly canonicalEmail: string; readonly portal: string | null },
): Promise<'done'> =>
  requestMail(ports, command, { ...wanted, kind: 'verification', decide: decideResendVerification });
