import type { Endpoint } from '@rollbook/shared/http/endpoint';
import { mailRequestRoute, type MailRequestPorts } from '../../link/request-mail.route.ts';
import { resendVerification } from './resend-verification.handle.ts';

export const resendVerificationRoute = (ports: MailRequestPorts): Endpoint =>
  mailRequestRoute(ports, {
    operation: 'resendVerification',
    tag: 'Registration',
    summary: 'Ask again for the verification mail',
    message: 'If there is something to verify, a mail is on its way.',
    request: resendVerification,
  });
