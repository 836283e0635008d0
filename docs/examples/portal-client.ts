// A portal's whole way with one person, through a client with types: registers, verifies, signs in, changes the profile,
// reads that change back and refreshes.
//   npx node docs/examples/portal-client.ts http://localhost:8000 ada@example.org
// It needs Node 24, which npx finds in this project's folder, and the package openapi-fetch. A test of Rollbook runs this file.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import createClient from 'openapi-fetch';
// Yours: npx openapi-typescript http://localhost:8000/openapi.json -o rollbook-api.d.ts
import type { paths } from '../client/rollbook-api.d.ts';

const [origin = 'http://localhost:8000', email = 'ada@example.org'] = process.argv.slice(2);
const password = 'Correct-horse-9';
const api = createClient<paths>({ baseUrl: origin });

/** The success, or the error thrown with its code and request id. */
const succeeded = <Data>({ data, error }: { data?: Data; error?: unknown }): Data => {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
};

/** Sent again after a lost answer or a busy moment: safe, because every time it has the same Idempotency-Key. */
const retried = async <Answer extends { response: Response }>(
  send: (key: string) => Promise<Answer>,
): Promise<Answer> => {
  const key = randomUUID();
  for (let tries = 1; ; tries += 1) {
    const answer = await send(key).catch((fault: unknown) => {
      if (tries === 5) throw fault;
      return null;
    });
    if (answer !== null && (answer.response.status < 500 || tries === 5)) return answer;
    await sleep(1_000 * Number(answer?.response.headers.get('retry-after') ?? tries));
  }
};

/** From the person's mail: the page behind its link has it in its address. Here it is read from the inbox of npm start. */
const tokenOfMail = async (): Promise<string> => {
  for (;;) {
    const mails = await (await fetch(`${origin}/dev/inbox.json`)).text();
    const link = new RegExp(`"to":"${email}".*?verify-email\\?token=([\\w.-]+)`, 's').exec(mails);
    if (link?.[1] !== undefined) return link[1];
    await sleep(200);
  }
};

succeeded(
  await retried((key) =>
    api.POST('/v1/users', {
      params: { header: { 'Idempotency-Key': key } },
      body: { email, password, first_name: 'Ada' },
    }),
  ),
);
succeeded(await api.POST('/v1/auth/verify-email', { body: { token: await tokenOfMail() } }));

const tokens = succeeded(await api.POST('/v1/auth/login', { body: { email, password } }));
const headers = { Authorization: `Bearer ${tokens.access_token}` };
const path = { id: tokens.user.id };

const changed = await retried((key) =>
  api.PATCH('/v1/users/{id}', {
    headers,
    params: { path, header: { 'Idempotency-Key': key } },
    body: { phone: '+1-555-0123' },
  }),
);
succeeded(changed);

// With the token of the change, the answer includes it.
const token = changed.response.headers.get('consistency-token') ?? '';
const me = succeeded(await api.GET('/v1/users/me', { headers, params: { header: { 'Consistency-Token': token } } }));
console.log(JSON.stringify({ username: me.username, status: me.status, phone: me.phone }));

// Once, before the access token ends; the refresh token is spent, and the answer has the next.
const refreshed = succeeded(
  await retried((key) =>
    api.POST('/v1/auth/refresh', {
      params: { header: { 'Idempotency-Key': key } },
      body: { refresh_token: tokens.refresh_token ?? '' },
    }),
  ),
);
console.log(`signed in for another ${String(refreshed.expires_in)} s`);
