import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
let manager: string;
let auditor: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
  manager = await journey.staff('the-manager', 'manager');
  auditor = await journey.staff('the-auditor', 'auditor');
});
afterAll(() => rollbook.stop());

const patch = (token: string, id: string, body: object): Promise<ClientAnswer> =>
  call(rollbook.url, 'PATCH', `/users/${id}`, { token, body });
const registered = async (name: string): Promise<string> => String((await journey.register(name)).body.id);
const made = async (name: string, more: object = {}): Promise<string> =>
  String((await journey.register(name, more, { token: admin })).body.id);

/** How a person comes into each state, with one mail on the way; gives their id. */
const STATES: Readonly<Record<string, (name: string) => Promise<string>>> = {
  pending: registered,
  verified: async (name) => {
    const id = await registered(name);
    await journey.verify(name);
    return id;
  },
  unverified: (name) => made(name),
  invited: (name) => made(name, { password: undefined }),
  deactivated: async (name) => {
    const id = await made(name);
    await patch(admin, id, { is_active: false });
    return id;
  },
  erased: async (name) => {
    const id = await made(name);
    await journey.mailTo(`${name}@example.com`);
    expect((await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin })).status).toBe(204);
    return id;
  },
};

/** What a mail is for, by what it says. */
const kindOf = (mail: string): string => {
  const link = /\/(reset-password|accept-invitation|verify-email)\?token=/.exec(mail)?.[1];
  return link ?? (mail.includes('This account is deactivated') ? 'notice' : 'another');
};

interface Row {
  /** With the right password: status and code; with a wrong one it is always 401. */
  readonly login: readonly [number, string | null];
  readonly forgot: string | null;
  readonly resend: string | null;
  /** `is_active: true` by a manager: status, then the account's. */
  readonly activate: readonly [number, string | null];
  /** GET by a manager; administrators and auditors see everybody. */
  readonly get: number;
}
const OK = [200, null] as const;
const UNKNOWN = [401, 'UNAUTHORIZED'] as const;
const ROWS: Readonly<Record<string, Row>> = {
  pending: {
    login: [403, 'EMAIL_NOT_VERIFIED'],
    forgot: 'reset-password',
    resend: 'verify-email',
    activate: [200, 'active'],
    get: 200,
  },
  verified: { login: OK, forgot: 'reset-password', resend: null, activate: [200, 'active'], get: 200 },
  unverified: { login: OK, forgot: 'reset-password', resend: 'verify-email', activate: [200, 'active'], get: 200 },
  invited: {
    login: UNKNOWN,
    forgot: 'accept-invitation',
    resend: 'accept-invitation',
    activate: [200, 'active'],
    get: 200,
  },
  deactivated: {
    login: [403, 'ACCOUNT_DEACTIVATED'],
    forgot: 'notice',
    resend: null,
    activate: [200, 'active'],
    get: 200,
  },
  erased: { login: UNKNOWN, forgot: null, resend: null, activate: [404, null], get: 404 },
};

describe('What an account does in its state', () => {
  test.each(Object.entries(ROWS))('%s', async (state, row) => {
    const name = `is-${state}`;
    const email = `${name}@example.com`;
    const id = await STATES[state]!(name);
    await journey.mailTo(email);

    for (const body of [
      { username: name, password: PASSWORD },
      { email, password: PASSWORD },
    ]) {
      const answer = await journey.post('/auth/login', body);
      expect([answer.status, answer.body.error?.code ?? null]).toStrictEqual(row.login);
    }
    const wrong = await journey.signIn(name, 'Wrong-Horse-7');
    expect([wrong.status, wrong.error?.details[0]?.code]).toStrictEqual([401, 'invalid_credentials']);

    const sent: (string | null)[] = [];
    for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
      const before = journey.mailsTo(email).length;
      const asked = await journey.post(path, { email });
      expect([asked.status, asked.body.status]).toStrictEqual([202, 'accepted']);
      const expected = path === '/auth/forgot-password' ? row.forgot : row.resend;
      if (expected !== null) sent.push(kindOf(await journey.mailTo(email, before + 1)));
      else {
        await new Promise((resolve) => setTimeout(resolve, 400));
        sent.push(journey.mailsTo(email)[before]?.mail.text ?? null);
      }
    }
    expect(sent).toStrictEqual([row.forgot, row.resend]);

    const seen = await Promise.all(
      [manager, admin, auditor].map((token) => call(rollbook.url, 'GET', `/users/${id}`, { token })),
    );
    expect(seen.map(({ status }) => status)).toStrictEqual([row.get, 200, 200]);
    if (state === 'erased')
      for (const { body } of seen.slice(1))
        expect(body).toMatchObject({ id, status: 'erased', is_active: false, email: null, username: null, name: null });

    const activated = await patch(manager, id, { is_active: true });
    expect([activated.status, activated.body.status ?? null]).toStrictEqual(row.activate);
    if (state === 'pending') {
      expect(activated.body.email_verified).toBe(false);
      expect((await journey.signIn(name)).status).toBe(200);
    }
    if (state === 'deactivated') expect((await journey.signIn(name)).status).toBe(200);
  });

  test('a deactivated person is brought back by nobody but staff', async () => {
    const { body } = await journey.member('self-willed');
    const id = String(body.user.id);
    await call(rollbook.url, 'DELETE', `/users/${id}`, { token: body.access_token });
    expect((await patch(String(body.access_token), id, { is_active: true })).status).toBe(401);
    expect((await patch(auditor, id, { is_active: true })).status).toBe(403);
    expect((await patch(manager, id, { is_active: true })).status).toBe(200);
  });
});

describe('A refresh token is worth nothing after', () => {
  const ended = [401, 'session_ended'];
  const refresh = async (token: unknown) => {
    const { status, body } = await journey.post('/auth/refresh', { refresh_token: token });
    return [status, body.error?.details[0]?.code ?? null];
  };
  const ENDINGS: Readonly<
    Record<string, (person: { id: string; token: string; name: string }) => Promise<ClientAnswer>>
  > = {
    'a deactivation': ({ id }) => patch(admin, id, { is_active: false }),
    'a deactivation that was taken back': async ({ id }) => {
      await patch(admin, id, { is_active: false });
      return patch(admin, id, { is_active: true });
    },
    'a change of role': ({ id }) =>
      call(rollbook.url, 'PUT', `/users/${id}/role`, { token: admin, body: { role: 'moderator' } }),
    'a change of password elsewhere': async ({ name }) => {
      const token = String((await journey.signIn(name)).body.access_token);
      const body = { current_password: PASSWORD, new_password: 'Another-Horse-8' };
      return journey.post('/auth/change-password', body, { token });
    },
    'a reset of the password': async ({ name }) => {
      await journey.post('/auth/forgot-password', { email: `${name}@example.com` });
      const token = linkToken(await journey.mailTo(`${name}@example.com`, 2), 'reset-password');
      return journey.post('/auth/reset-password', { token, new_password: 'Another-Horse-8' });
    },
    'a change of address': ({ id, name }) => patch(admin, id, { email: `${name}@example.net` }),
    'a logout': ({ token }) => call(rollbook.url, 'POST', '/auth/logout', { token }),
    'a logout everywhere': ({ token }) => call(rollbook.url, 'POST', '/auth/logout-all', { token }),
    'an erasure': ({ id }) => call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin }),
  };

  test.each(Object.keys(ENDINGS))('%s', async (what) => {
    const name = `ends-${String(Object.keys(ENDINGS).indexOf(what))}`;
    const { body } = await journey.member(name);
    const first = await journey.post('/auth/refresh', { refresh_token: body.refresh_token });
    expect(first.status).toBe(200);
    const answer = await ENDINGS[what]?.({ id: String(body.user.id), token: String(first.body.access_token), name });
    expect([200, 204]).toContain(answer?.status);
    expect(await refresh(first.body.refresh_token)).toStrictEqual(ended);
    expect(await refresh(first.body.refresh_token)).toStrictEqual(ended);
  });
});
