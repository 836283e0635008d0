import type { Endpoint } from '@rollbook/shared/http/endpoint';
import { mailRequestRoute, type MailRequestPorts } from '../../link/request-mail.route.ts';
import { requestPasswordReset } from './request-password-reset.handle.ts';

export const requestPasswordResetRoute = (ports: MailRequestPorts): Endpoint =>
  mailRequestRoute(ports, {
    operation: 'requestPasswordReset',
    tag: 'Passwords',
    summary: 'Ask for a mail to set a new password',
    message: 'If there is an account with this address, a mail is on its way.',
    request: requestPasswordReset,
  });
