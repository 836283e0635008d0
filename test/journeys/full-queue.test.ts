import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { journeyOn, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  // Dear enough that 256 hashes are not made while they arrive.
  rollbook = await startRollbook({ BCRYPT_COST: '9', LOG_LEVEL: 'silent' });
  // Not through the gateway: the faster they arrive, the fewer are needed.
  journey = journeyOn({ ...rollbook, url: rollbook.services['commandApi']?.addresses['http'] ?? '' });
});
afterAll(() => rollbook.stop());

const PLACES = 256;
const SIGN_INS = 340;
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('256 hashes wait; who comes then gets 503, and the same form goes through later', async () => {
  const signIns = numbers(SIGN_INS).map((n) => journey.signIn(`nobody-${String(n)}`));
  // As soon as one is turned away, the queue is full, and more are on their way to it.
  await Promise.any(
    signIns.map((signIn) =>
      signIn.then(({ status }) => (status === 503 ? status : Promise.reject(new Error('let in')))),
    ),
  );
  const forms = numbers(20).map((n) => `late-${String(n)}`);
  const registrations = await Promise.all(forms.map((name) => journey.register(name)));

  const answers = await Promise.all(signIns);
  const full = answers.filter(({ status }) => status === 503);
  expect(full.length).toBeLessThanOrEqual(SIGN_INS - PLACES);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(SIGN_INS - full.length);
  const refused = forms.filter((_, index) => registrations[index]?.status === 503);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of [...full, ...registrations.filter(({ status }) => status !== 201)]) {
    expect(refusal(answer)).toStrictEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  for (const name of refused) {
    let again = await journey.register(name);
    while (again.status === 503) {
      await wait(50);
      again = await journey.register(name);
    }
    // Neither of its names was left claimed.
    expect(again.status).toBe(201);
  }
}, 180_000);
