import { PASSWORD, journeyOn } from '../support/journey.ts';
import { call, linkToken, type ClientAnswer, type CallOptions } from '../support/client.ts';
import type { Stage } from './refused-stage.ts';
import type { Sent } from './send-operation.ts';

const KEY = { 'idempotency-key': 'erased-afterwards' };

/**
 * Commands with a key that were done, each to somebody who was erased since: whoever sends them again is told that
 * nobody is there.
 */
export const erasedAfterwards = async ({ rollbook, admin }: Stage): Promise<Readonly<Record<string, Sent>>> => {
  const { url } = rollbook;
  const journey = journeyOn(rollbook);
  const done: Record<string, Sent> = {};
  const keyed = async (operation: string, path: string, body: object, options: CallOptions = {}) => {
    const answer = await journey.post(path, body, { ...options, headers: KEY });
    if (answer.status >= 300) throw new Error(`${operation}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    done[operation] = { body, headers: KEY, ...options };
    return answer;
  };
  const idOf = ({ body }: ClientAnswer): string => String(body.id);
  const mailed = async (address: string, count: number, path: string) => ({
    token: linkToken(await journey.mailTo(address, count), path),
  });

  // Somebody who registered, and everything that happens by links.
  const id = idOf(await journey.register('gone'));
  const mail = (count: number, path: string) => mailed('gone@example.com', count, path);
  await keyed('verifyEmail', '/auth/verify-email', await mail(1, 'verify-email'));
  await journey.post('/auth/forgot-password', { email: 'gone@example.com' });
  const reset = { ...(await mail(2, 'reset-password')), new_password: PASSWORD };
  await keyed('resetPassword', '/auth/reset-password', reset);
  const token = (await journey.signIn('gone')).body.access_token;
  await call(url, 'PATCH', `/users/${id}`, { token, body: { email: 'far@example.com', current_password: PASSWORD } });
  const change = await mailed('far@example.com', 1, 'confirm-email-change');
  await keyed('confirmEmailChange', '/auth/confirm-email-change', change);
  const again = (await journey.signIn('gone')).body.access_token;
  await journey.post(`/users/${id}/erasure`, { current_password: PASSWORD }, { token: again });
  const words = async (): Promise<{ token: string }> => {
    for (let count = 2; ; count += 1) {
      const text = await journey.mailTo('far@example.com', count);
      if (text.includes('/confirm-erasure?')) return { token: linkToken(text, 'confirm-erasure') };
    }
  };
  await keyed('confirmErasure', '/auth/confirm-erasure', await words());

  // Somebody who was invited.
  const person = { email: 'away@example.com', username: 'away' };
  const invited = idOf(await keyed('registerUser', '/users', person, { token: admin }));
  const accepted = { ...(await mailed(person.email, 1, 'accept-invitation')), password: PASSWORD };
  await keyed('acceptInvitation', '/auth/accept-invitation', accepted);

  for (const each of [id, invited]) {
    const answer = await call(url, 'DELETE', `/users/${each}?soft_delete=false`, { token: admin });
    if (answer.status !== 204) throw new Error(`${each} cannot be erased: ${JSON.stringify(answer.body)}`);
  }
  return done;
};
