import { afterAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REJECTIONS, type RejectionCode } from '@rollbook/shared/contracts/rejections';
import { plant, root, type PlantedTree } from './planted-tree.ts';
import { rejectionsOfDeciders } from './rejection-specs.ts';

const where = { deciders: 'command-api/src/**/*.decide.ts', specs: 'test/unit/**/*.test.ts' };
const trees: PlantedTree[] = [];
afterAll(() => Promise.all(trees.map((tree) => tree.remove())));

describe('Every rejection that a decider can give', () => {
  const given = rejectionsOfDeciders(root, where);

  test('is expected by a spec of that decider', () => {
    const missing = given.filter(({ expected }) => !expected).map(({ file, code }) => `${file}: ${code}`);
    expect(missing).toStrictEqual([]);
    expect(given.length).toBeGreaterThan(50);
    expect(new Set(given.map(({ file }) => file)).size).toBeGreaterThan(15);
  });
});

/**
 * What handlers and their parts decide themselves, where a journey expects it over HTTP instead of a unit spec: by the
 * detail's code, or by the code on the wire where there is no detail.
 */
const BY_JOURNEY: Readonly<Record<string, string>> = {
  'user/update-user/change-user.ts: hidden': 'refused-administration',
  'user/update-user/update-user.handle.ts: invalid_input': 'email-change',
  'user/erase-user/erase-user.handle.ts: forbidden': 'erasure',
  'user/erase-user/erase-user.ts: forbidden': 'erasure',
  'user/change-password/change-password.handle.ts: hashing_queue_full': 'full-queue',
  'session/refresh/refresh.handle.ts: refresh_token_invalid': 'sessions',
  'session/refresh/refresh.handle.ts: refresh_token_expired': 'short-sessions',
  'session/refresh/refresh.handle.ts: refresh_session_ended': 'sessions',
  'session/logout/logout.handle.ts: token_invalid': 'sessions',
  'session/logout/logout.handle.ts: refresh_token_invalid': 'sessions',
  'session/login/login.handle.ts: hashing_queue_full': 'full-queue',
  'session/login/login.handle.ts: too_many_attempts': 'credential-limits',
  'session/login/login.handle.ts: invalid_credentials': 'sessions',
  'safe-retry/run-safely.ts: key_reused': 'safe-retry',
  'safe-retry/run-safely.ts: command_in_progress': 'safe-retry',
  'password/check-current-password.ts: hashing_queue_full': 'full-queue',
  'password/check-current-password.ts: too_many_attempts': 'credential-limits',
  'password/check-current-password.ts: current_password_wrong': 'passwords',
};

/** Only the compiler asks for these: no state leads there. */
const NEVER: readonly string[] = [
  'user/update-user/update-user.handle.ts: not_found',
  'user/request-erasure/request-erasure.handle.ts: not_found',
  'user/resend-invitation/resend-invitation.handle.ts: not_found',
  'user/cancel-erasure/cancel-erasure.handle.ts: not_found',
  'picture/change-picture.handle.ts: not_found',
];

describe('Every rejection that is decided outside of deciders', () => {
  const outside = { deciders: 'command-api/src/**/!(*.decide|*.route|app).ts', specs: where.specs, follow: false };
  const missing = rejectionsOfDeciders(root, outside)
    .filter(({ expected }) => !expected)
    .map(({ file, code }) => `${file.replace('command-api/src/', '')}: ${code}`);

  test('is expected by a spec, or by a journey that is named here', () => {
    const excused = new Set([...Object.keys(BY_JOURNEY), ...NEVER]);
    expect(missing.filter((one) => !excused.has(one))).toStrictEqual([]);
  });

  test.each(Object.entries(BY_JOURNEY))('%s (journey: %s)', (one, journey) => {
    const answer = REJECTIONS[one.split(': ')[1] as RejectionCode];
    const word = 'detail' in answer ? answer.detail.code : answer.error;
    expect(readFileSync(join(root, `test/journeys/${journey}.test.ts`), 'utf8')).toContain(`'${word}'`);
  });
});

describe('The look for specs finds', () => {
  const DECIDERS = {
    'command-api/src/a/open.decide.ts': `
      export const refuseOpen = (person) => (person.used ? reject('link_used') : null);`,
    'command-api/src/a/give.decide.ts': `
      import { refuseOpen } from './open.decide.ts';
      const refusal = (person) => reject(person.staff ? 'forbidden' : 'hidden');
      export const decideGive = (person) => refuseOpen(person) ?? refusal(person);`,
  };
  const SPEC = (body: string): Record<string, string> => ({
    ...DECIDERS,
    'test/unit/give.test.ts': `
      import { decideGive } from '../../command-api/src/a/give.decide.ts';
      const USED = { rejection: 'link_used' };
      ${body}`,
    'test/unit/open.test.ts': `
      import { refuseOpen } from '../../command-api/src/a/open.decide.ts';
      test.each([['link_used']])('%s', (code) => expect(refuseOpen({}).rejection).toBe(code));`,
  });
  const missingIn = async (files: Record<string, string>): Promise<readonly string[]> => {
    const tree = await plant(files);
    trees.push(tree);
    return rejectionsOfDeciders(tree.folder, where)
      .filter(({ expected }) => !expected)
      .map(({ file, code }) => `${file.split('/').at(-1) ?? ''}: ${code}`)
      .toSorted();
  };

  test('nothing where each is expected, also by a name and in a table', async () => {
    const whole = `
      describe('giving', () => {
        const by = (person) => decideGive(person);
        test('a', () => given().when(by).then(USED));
        test('b', () => expect([by(1).rejection, by(2).rejection]).toEqual(['forbidden', 'hidden']));
      });`;
    expect(await missingIn(SPEC(whole))).toStrictEqual([]);
  });

  test('a rejection that no test of the decider expects, its own and that of a decider it calls', async () => {
    const less = `
      const elsewhere = 'hidden';
      test('a', () => expect(decideGive({}).rejection).toBe('forbidden'));
      test('b', () => expect(something()).toEqual(USED));`;
    expect(await missingIn(SPEC(less))).toStrictEqual(['give.decide.ts: hidden', 'give.decide.ts: link_used']);
  });

  test('a test that mentions another decider by the same name', async () => {
    const homonym = `
      describe('one', () => { const by = other; test('a', () => expect(by()).toEqual(USED)); });
      describe('two', () => { const by = decideGive; test('b', () => expect(by()).toEqual(['hidden', 'forbidden'])); });`;
    expect(await missingIn(SPEC(homonym))).toStrictEqual(['give.decide.ts: link_used']);
  });

  test('a decider without any spec', async () => {
    expect(await missingIn(DECIDERS)).toStrictEqual([
      'give.decide.ts: forbidden',
      'give.decide.ts: hidden',
      'give.decide.ts: link_used',
      'open.decide.ts: link_used',
    ]);
  });
});
