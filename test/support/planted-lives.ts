import { randomBytes, randomInt } from 'node:crypto';
import { expect } from '@jest/globals';
import sharp from 'sharp';
import { call, type ClientAnswer } from './client.ts';

/** Strings that nobody else would write, by which their person is found wherever something of theirs is left. */
export class Planted {
  readonly strings: string[] = [];

  text(text = `zq${randomBytes(6).toString('hex')}`): string {
    this.strings.push(text);
    return text;
  }
  email(): string {
    return `${this.text()}@${this.text()}.example`;
  }
  phone(): string {
    return `+${this.text(String(randomInt(1e13, 9e13)))}`;
  }
  password(): string {
    return `Aa7-${this.text()}`;
  }
  /** An IPv6 address in its only canonical spelling. */
  address(): string {
    const groups = Array.from({ length: 6 }, () => randomInt(0x1000, 0x10000).toString(16));
    return this.text(`2001:db8:${groups.join(':')}`);
  }
}

/** A Rollbook that people live in. */
export interface Home {
  readonly url: string;
  readonly admin: string;
  /** The token of the link to `path` in a mail to this address, once it is there. */
  mailTo(address: string, path: string): Promise<string>;
}

const profileOf = (planted: Planted) => ({
  username: planted.text(),
  first_name: planted.text(),
  last_name: planted.text(),
  name: planted.text(),
  phone: planted.phone(),
  preferences: { [planted.text()]: [planted.text()] },
});

const senderTo =
  ({ url }: Home, planted: Planted) =>
  async (expected: number, method: string, path: string, body?: unknown, token?: string): Promise<ClientAnswer> => {
    const answer = await call(url, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(token === undefined ? {} : { token }),
      headers: {
        'user-agent': `browser/${planted.strings[0] ?? ''}`,
        'x-forwarded-for': planted.strings[1] ?? '',
        'idempotency-key': planted.text(),
      },
    });
    const unexpected = answer.status === expected ? null : answer.body;
    expect([method, path, answer.status, unexpected]).toEqual([method, path, expected, null]);
    return answer;
  };

/**
 * Somebody who registers, mistypes passwords, sets a picture, changes every value several times, the address and the
 * password too, becomes an administrator who makes an API key, and asks for everything that sends a mail. Their id.
 */
export const fullLife = async (home: Home, planted: Planted): Promise<string> => {
  planted.text();
  planted.address();
  const send = senderTo(home, planted);
  const [email, next] = [planted.email(), planted.email()];
  const [first, second, third] = [planted.password(), planted.password(), planted.password()];
  const made = await send(201, 'POST', '/users', { ...profileOf(planted), email, password: first });
  const { id, username } = made.body as { id: string; username: string };
  await send(200, 'POST', '/auth/verify-email', { token: await home.mailTo(email, 'verify-email') });
  for (const name of [{ email }, { username }]) await wrong(home, planted, { ...name, password: planted.password() });
  const login = async (name: object, password: string): Promise<string> =>
    (await send(200, 'POST', '/auth/login', { ...name, password })).body.access_token as string;
  const token = await login({ email }, first);
  await takePicture(home, planted, id, token);
  while (planted.strings.length < 90) await send(200, 'PATCH', `/users/${id}`, profileOf(planted), token);
  await send(200, 'PATCH', `/users/${id}`, { email: next, current_password: first }, token);
  await send(200, 'POST', '/auth/confirm-email-change', { token: await home.mailTo(next, 'confirm-email-change') });
  const changing = await login({ email: next }, first);
  await send(204, 'POST', '/auth/change-password', { current_password: first, new_password: second }, changing);
  await send(202, 'POST', '/auth/forgot-password', { email: next });
  const link = await home.mailTo(next, 'reset-password');
  await send(204, 'POST', '/auth/reset-password', { token: link, new_password: third });
  await send(200, 'PUT', `/users/${id}/role`, { role: 'admin' }, home.admin);
  const last = await login({ email: next }, third);
  await send(201, 'POST', '/api-keys', { name: planted.text(), scopes: ['users:read'] }, last);
  await send(200, 'PATCH', `/users/${id}`, { email: planted.email(), current_password: third }, last);
  await send(202, 'POST', `/users/${id}/erasure`, { current_password: third }, last);
  await home.mailTo(next, 'confirm-erasure');
  return id;
};

/** With a note in it about whose it is, as cameras write one. */
const takePicture = async ({ url }: Home, planted: Planted, id: string, token: string): Promise<void> => {
  const create = { width: 20, height: 20, channels: 3, background: 'teal' } as const;
  const picture = await sharp({ create })
    .withExif({ IFD0: { Copyright: planted.text(), Artist: planted.text() } })
    .jpeg()
    .toBuffer();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
  const body = new Uint8Array(picture);
  expect((await fetch(`${url}/v1/users/${id}/picture`, { method: 'PUT', headers, body })).status).toBe(200);
};

const wrong = async ({ url }: Home, planted: Planted, body: object): Promise<void> => {
  const headers = { 'user-agent': planted.text(), 'x-forwarded-for': planted.address() };
  expect((await call(url, 'POST', '/auth/login', { body, headers })).status).toBe(401);
};

/** Somebody whose address was used by another: the owner says that it was not them. Their id. */
export const rejectedLife = async (home: Home, planted: Planted): Promise<string> => {
  const send = senderTo(home, planted);
  const email = planted.email();
  const made = await send(201, 'POST', '/users', { ...profileOf(planted), email, password: planted.password() });
  await send(204, 'POST', '/auth/reject-registration', { token: await home.mailTo(email, 'reject-registration') });
  return made.body.id as string;
};

/**
 * What no request can bring about at will, put where it would stand: an event that could not be applied, and a mail that
 * was given up, each with a note that quotes the person.
 */
export const troubleFor = (id: string, planted: Planted): readonly string[] => [
  `insert into read_model.parked_events (name, version, position, person, event_id, stream, revision, type, reason)
   select name, version, '00000000000000000001', '${id}', gen_random_uuid(), 'user-${id}', 0, 'UserRegistered',
     'invalid value: ${planted.text()}' from read_model.projections where name = 'user_directory' and state = 'live'`,
  `insert into message_feed.dead_letters (group_name, message_id, key, type, position, time, data, place, reason)
   values ('mailer-worker', gen_random_uuid(), '${id}', 'x', '1', '2026-01-02T03:04:05.678Z', '{}', '0:1',
     '550 no such user: ${planted.text()}')`,
];
