import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { call } from '../support/client.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
beforeAll(async () => {
  rollbook = await startRollbook();
});
afterAll(async () => {
  await rollbook.stop();
});

test('passwords of a megabyte are refused before hashing, and others are still served', async () => {
  const password = `Aa1!${'x'.repeat(1_000_000)}`;
  const attack = Array.from({ length: 20 }, (_, n) =>
    call(rollbook.url, 'POST', '/users', { body: { email: `big${String(n)}@example.com`, password } }),
  );
  const login = call(rollbook.url, 'POST', '/auth/login', { body: { email: 'big1@example.com', password } });
  const honest = call(rollbook.url, 'POST', '/users', {
    body: { email: 'honest@example.com', password: 'Correct-Horse-7' },
  });
  const answers = await Promise.all(attack);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
  expect(answers[0]?.body.error.details).toEqual([
    { field: 'password', code: 'too_long', message: 'must have at most 256 characters' },
  ]);
  expect((await login).status).toBe(400);
  expect((await honest).status).toBe(201);
});
