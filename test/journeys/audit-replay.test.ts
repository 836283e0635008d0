import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { runAuditCommand } from '../../deploy/audit/command-line.ts';
import { call } from '../support/client.ts';
import { journeyOn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let admin: string;
beforeAll(async () => {
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
});
afterAll(() => rollbook.stop());

/** Runs the command as a terminal would, with the settings of the services. */
const audit = async (words: readonly string[], env: NodeJS.ProcessEnv = rollbook.env) => {
  const lines: string[] = [];
  const errors: string[] = [];
  const terminal = { log: (line: string) => void lines.push(line), error: (line: string) => void errors.push(line) };
  const code = await runAuditCommand(words, terminal, undefined, env);
  return { code, out: lines.join('\n'), errors: errors.join('\n') };
};

const life = async (name: string) => {
  const { body } = await journey.member(name);
  const [id, token] = [String(body.user.id), String(body.access_token)];
  const change = async (fields: object): Promise<string> => {
    const answer = await call(rollbook.url, 'PATCH', `/users/${id}`, { token, body: fields });
    expect(answer.status).toBe(200);
    return String((await rollbook.store.end()) ?? '');
  };
  return { id, change };
};

describe('Replaying a person', () => {
  test('tells their story step by step, and who they were at a moment', async () => {
    const { id, change } = await life('nora');
    const first = await change({ first_name: 'First' });
    await change({ first_name: 'Second' });
    const now = await audit(['replay', '--user', id]);
    expect([now.code, now.errors]).toStrictEqual([0, '']);
    expect(now.out).toContain('An account was created.');
    expect(now.out).toContain('    first_name: "First" -> "Second"');
    expect(now.out).toMatch(/^ {2}first_name +"Second"$/m);
    const then = await audit(['replay', '--user', id, '--at', first]);
    expect(then.out).not.toContain('Second');
    expect(then.out).toMatch(/^ {2}first_name +"First"$/m);
    const json = await audit(['replay', '--user', id, '--at', first, '--json']);
    const said = JSON.parse(json.out) as { steps: { type: string }[]; state: object };
    expect(said.state).toMatchObject({ id, first_name: 'First' });
    expect(said.steps.map(({ type }) => type)).toStrictEqual([
      ...['UserRegistered', 'EmailVerificationRequested', 'EmailVerified', 'SignedIn', 'ProfileChanged'],
    ]);
  });

  test('shows what differs between two moments, and the steps between', async () => {
    const { id, change } = await life('olga');
    const from = await change({ first_name: 'First' });
    const to = await change({ first_name: 'Second' });
    await change({ first_name: 'Third' });
    const { code, out } = await audit(['diff', '--user', id, '--from', from, '--to', to]);
    expect(code).toBe(0);
    expect(out).toContain('first_name: "First" -> "Second"');
    expect(out).toContain('1 step between:');
    expect(out).not.toContain('Third');
    const json = await audit(['diff', '--user', id, '--from', from, '--json']);
    expect((JSON.parse(json.out) as { differences: object[] }).differences).toContainEqual({
      ...{ field: 'first_name', before: 'First', after: 'Third' },
    });
  });

  test('does nothing to the terminal, whatever somebody is called', async () => {
    const { id, change } = await life('pete');
    await change({ preferences: { title: '\u001b]0;owned\u0007\u202egnp.exe\u009b2J\u2028' } });
    for (const words of [['replay'], ['replay', '--json'], ['diff', '--from', '2026-01-01T00:00:00Z']]) {
      const { code, out } = await audit([...words, '--user', id]);
      expect(code).toBe(0);
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
      expect(out).toContain('\\u001b]0;owned');
    }
  });

  test('says nothing of who they were once they are erased', async () => {
    const { id, change } = await life('rosa');
    const before = await change({ first_name: 'Secret' });
    const erased = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
    expect(erased.status).toBe(204);
    const { code, out } = await audit(['replay', '--user', id, '--at', before]);
    expect(code).toBe(0);
    expect(out).toContain('"[erased]"');
    expect(out).not.toMatch(/Secret|rosa|127\.0\.0\.1.*person/);
  });
});

describe('Its exit code is', () => {
  test('1 for nobody, and for somebody who was not there yet', async () => {
    const nobody = await audit(['replay', '--user', randomUUID()]);
    expect([nobody.code, nobody.out]).toStrictEqual([1, '']);
    expect(nobody.errors).toContain('There is nobody with the id');
    const { id } = await life('sara');
    const early = await audit(['replay', '--user', id, '--at', '2020-01-01T00:00:00Z']);
    expect([early.code, early.errors]).toStrictEqual([1, `${id} was not there yet.`]);
  });

  test.each([
    [['replay']],
    [['replay', '--user', 'x']],
    [['replay', '--user', randomUUID(), '--at', 'yesterday']],
    [['diff', '--user', randomUUID()]],
    [['diff', '--user', randomUUID(), '--from', '2026-01-01T00:00:00Z', '--nonsense']],
  ])('2 for words that it does not understand: %j', async (words) => {
    const { code, errors } = await audit(words);
    expect(code).toBe(2);
    expect(errors).toContain('Usage: audit');
  });

  test('78 for settings that are missing or wrong', async () => {
    const wrong = { ...rollbook.env, DATABASE_URL: '', DATA_DIR: `/tmp/no-such-${randomUUID()}` };
    const words = ['replay', '--user', randomUUID()];
    expect(await audit(words, wrong)).toMatchObject({ code: 78, errors: expect.stringContaining('DATA_DIR') });
    expect((await audit(words, { ...rollbook.env, MASTER_KEY: 'm1:short' })).code).toBe(78);
  });

  test('0 for help', async () => {
    expect(await audit(['replay', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--at <moment>') });
    expect((await audit(['help'])).out).toMatch(/replay .*\n.*diff /);
  });
});
