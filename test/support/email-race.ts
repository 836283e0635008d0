import { randomUUID } from 'node:crypto';
import { LinkTokens } from '@rollbook/shared/tokens/link-tokens';
import { DAY, fromInstant } from '@rollbook/shared/kernel/clock';
import { call, type ClientAnswer } from './client.ts';
import type { CommandServices } from './command-service.ts';
import { drawFrom } from './draw.ts';
import { PASSWORD } from './journey.ts';
import { ADMIN } from './rollbook.ts';

/** How often which command of a race got which answer. */
export type Tally = Readonly<Record<string, number>>;

/** ms that a command of a round starts after the round began, at most. */
const LATEST = 20;
const TRIES = 4;

/**
 * Lets people change to an address at the very moment at which others register it: round by round a new address, by a
 * confirmed change of their own or set by an administrator, against registrations by strangers and by staff, of the new
 * address or of the one that is being left. Lanes run at once, each with a person of its own who changes.
 */
export const raceForAddresses = async (
  { urls, env, store }: CommandServices,
  { rounds, lanes, seed }: { readonly rounds: number; readonly lanes: number; readonly seed: number },
): Promise<Tally> => {
  const tally: Record<string, number> = {};
  const [id = '', secret = ''] = (env['LINK_KEYS'] ?? '').split(':');
  const links = new LinkTokens([{ id, secret: Buffer.from(secret, 'base64') }], 7 * DAY);
  /** Sends until a service answers that is not too busy (503); what was done then is done. */
  const send = async (n: number, method: string, path: string, body: object, token?: string): Promise<ClientAnswer> => {
    const headers = { 'idempotency-key': randomUUID() };
    for (;;) {
      const options = { body, headers, ...(token === undefined ? {} : { token }) };
      const answer = await call(urls[n % urls.length] ?? '', method, path, options);
      if (answer.status !== 503) return answer;
      tally['busy: 503'] = (tally['busy: 503'] ?? 0) + 1;
      await new Promise((done) => setTimeout(done, 200));
    }
  };
  const signIn = async (body: object): Promise<string> =>
    String((await send(0, 'POST', '/auth/login', body)).body.access_token);
  const admin = await signIn(ADMIN);
  await send(0, 'POST', '/users', { email: 'manager@x.org', password: PASSWORD, role: 'manager' }, admin);
  const manager = await signIn({ email: 'manager@x.org', password: PASSWORD });

  const linkFor = async (userId: string): Promise<string> => {
    const request = (await store.read(`user-${userId}`)).findLast(({ type }) => type === 'EmailChangeRequested');
    if (!request) throw new Error('The change of address was not asked for');
    const { emailDigest } = request.data as { emailDigest: string };
    const requestedAt = fromInstant(request.recordedAt);
    return links.sign({ purpose: 'confirm-email-change', userId, requestId: request.id, emailDigest, requestedAt });
  };

  const lane = async (number: number): Promise<void> => {
    const draw = drawFrom(seed + number);
    const pause = (most: number): Promise<void> => new Promise((done) => setTimeout(done, draw() * most));
    /** Starts a little later, and tries again while others are at it; counts what came of it. */
    const run = async (name: string, order: () => Promise<ClientAnswer>): Promise<void> => {
      await pause(LATEST);
      for (let tries = 1; ; tries += 1) {
        const { status, body } = await order();
        const code = status < 400 ? '' : ` ${String(body.error.details[0]?.code ?? body.error.code)}`;
        const outcome = `${name}: ${String(status)}${code}`;
        tally[outcome] = (tally[outcome] ?? 0) + 1;
        if (!code.endsWith('in_progress') || tries === TRIES) return;
        await pause(LATEST);
      }
    };
    let left = '';
    let person = '';
    for (let round = number; round < rounds; round += lanes) {
      // Now and then another person, so that nobody's stream grows out of all proportion.
      if (left === '' || draw() < 0.05) {
        left = `changes-${String(round)}@x.org`;
        person = String((await send(round, 'POST', '/users', { email: left, password: PASSWORD }, admin)).body.id);
      }
      const email = `r${String(round)}@x.org`;
      const own = draw() < 0.5;
      if (own) await send(round, 'PATCH', `/users/${person}`, { email }, manager);
      const token = own ? await linkFor(person) : '';
      const change = own
        ? run('confirmed', () => send(round, 'POST', '/auth/confirm-email-change', { token }))
        : run('set', () => send(round, 'PATCH', `/users/${person}`, { email }, admin));
      const byStaff = draw() < 0.5;
      const wanted = draw() < 0.2 ? left : draw() < 0.5 ? email : email.toUpperCase();
      const rival = { email: wanted, username: `u-${String(round)}`, password: PASSWORD };
      const register = run(byStaff ? 'registered by staff' : 'registered', () =>
        send(round + 1, 'POST', '/users', rival, byStaff ? admin : undefined),
      );
      await Promise.all([change, register]);
      left = email;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return tally;
};
