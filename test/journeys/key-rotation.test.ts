import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import { runKeysCommand } from '../../deploy/keys/command-line.ts';
import type { Running } from '@rollbook/shared/process/running';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { countEvents, journeyOn, PASSWORD, typesIn } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { dataFolder, freePort, root, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

const KINDS = ['token', 'notary', 'receipt', 'master', 'pepper', 'link'];
const kidOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const published = async (url: string): Promise<readonly string[]> => {
  const answer = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return answer.keys.map(({ kid }) => kid);
};
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const latest = Date.now() + 15_000; !(await holds());) {
    if (Date.now() > latest) throw new Error('It never came to hold');
    await new Promise((wake) => setTimeout(wake, 20));
  }
};

/** One life of a data folder, told in order. */
describe('Every key of the small profile is rotated', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let running: StandaloneProcess;
  let env: NodeJS.ProcessEnv;
  let before: ClientAnswer;
  let link: string;
  const url = () => running.url;
  const post = (path: string, body: object) => call(url(), 'POST', path, { body });
  const signIn = (password = PASSWORD) => post('/auth/login', { username: 'rotated', password });
  const me = (token: string) => call(url(), 'GET', '/users/me', { token });
  const linkTo = async (path: string): Promise<string> => {
    let mail: string | undefined;
    await until(async () => {
      const mails = (await (await fetch(`${url()}/dev/inbox.json`)).json()) as { to: string; text: string }[];
      mail = mails.find(({ to, text: words }) => to === 'rotated@example.com' && words.includes(`/${path}?`))?.text;
      return mail !== undefined;
    });
    return linkToken(mail, path);
  };
  const rotate = async (kind: string): Promise<{ code: number | null; said: string }> => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(root, 'deploy/keys/main.ts'), 'rotate', kind],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], DATA_DIR: data.path },
      },
    );
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const code = await new Promise<number | null>((done) => child.once('close', done));
    return { code, said: (await said).join('') };
  };

  beforeAll(async () => {
    data = await dataFolder();
    // The address is the tokens' issuer, so it stays the same.
    env = { PORT: String(await freePort()) };
    running = await startStandalone(data.path, env);
    await post('/users', { email: 'rotated@example.com', username: 'rotated', password: PASSWORD });
    await post('/auth/verify-email', { token: await linkTo('verify-email') });
    before = await signIn();
    await post('/auth/forgot-password', { email: 'rotated@example.com' });
    link = await linkTo('reset-password');
  });
  afterAll(async () => {
    await running.stop();
    await data.remove();
  });

  test('not while it runs', async () => {
    const file = await readFile(join(data.path, 'secrets.json'), 'utf8');
    expect(await rotate('token')).toMatchObject({ code: 1, said: expect.stringContaining('already serves') });
    expect(await readFile(join(data.path, 'secrets.json'), 'utf8')).toBe(file);
  });

  test('but between two starts, and it starts with them', async () => {
    await running.stop();
    for (const kind of KINDS) expect((await rotate(kind)).code).toBe(0);
    running = await startStandalone(data.path, env);
    expect(await published(url())).toStrictEqual(['k2', 'k1']);
  });

  test('tokens of the former key are still accepted by both sides, and traded for new ones', async () => {
    expect(kidOf(before.body.access_token)).toBe('k1');
    expect((await me(before.body.access_token)).body.username).toBe('rotated');
    const changed = await call(url(), 'PATCH', `/users/${String(before.body.user.id)}`, {
      token: before.body.access_token,
      body: { phone: '+1-555-0123' },
    });
    expect(changed.status).toBe(200);
    const refreshed = await post('/auth/refresh', { refresh_token: before.body.refresh_token });
    expect([refreshed.status, kidOf(refreshed.body.access_token), kidOf(refreshed.body.refresh_token)]).toStrictEqual([
      200,
      'k2',
      'k2',
    ]);
  });

  test('the password still signs in, and is hashed anew under the new pepper', async () => {
    const answer = await signIn();
    expect([answer.status, kidOf(answer.body.access_token)]).toStrictEqual([200, 'k2']);
    expect((await me(answer.body.access_token)).body.email).toBe('rotated@example.com');
    const etag = async () => (await me(answer.body.access_token)).headers.get('etag')?.split('.')[0];
    // Registered, asked, verified, asked for a reset, changed: then the hash.
    await until(async () => (await etag()) === '"5');
    expect((await signIn()).status).toBe(200);
  });

  test('a link that was mailed before still works', async () => {
    const reset = await post('/auth/reset-password', { token: link, new_password: 'Another-Horse-8' });
    expect(reset.status).toBe(204);
    expect((await signIn('Another-Horse-8')).status).toBe(200);
  });
});

describe('With several copies', () => {
  let rollbook: TestRollbook;
  let journey: ReturnType<typeof journeyOn>;
  const copies: Running[] = [];
  const copy = async (env: Readonly<Record<string, string>>) => {
    const [command, query] = [await startCommandApi({ ...env, PORT: '0' }), await startQueryApi({ ...env, PORT: '0' })];
    copies.push(command, query);
    return { command: command.addresses['http'] ?? '', query: query.addresses['http'] ?? '' };
  };
  /** All settings after a step for every kind, as an operator would put them into their files. */
  const afterStep = async (env: Readonly<Record<string, string>>, step: string): Promise<Record<string, string>> => {
    const lines: string[] = [];
    const terminal = { log: (line: string) => void lines.push(line), error: (line: string) => void lines.push(line) };
    for (const kind of KINDS) expect(await runKeysCommand(['rotate', kind, step], env, terminal)).toBe(0);
    return { ...env, ...Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])) };
  };
  const signInAt = (url: string): Promise<ClientAnswer> =>
    call(url, 'POST', '/auth/login', { body: { username: 'many', password: PASSWORD } });
  const works = async (at: { command: string; query: string }, token: string): Promise<readonly number[]> => [
    (await call(at.query, 'GET', '/users/me', { token })).status,
    (
      await call(at.command, 'POST', '/auth/change-password', {
        token,
        body: { current_password: 'x', new_password: 'x' },
      })
    ).status,
  ];

  beforeAll(async () => {
    rollbook = await startRollbook();
    journey = journeyOn(rollbook);
    await journey.register('many');
    await journey.verify('many');
  });
  afterAll(async () => {
    await Promise.all(copies.map((one) => one.stop()));
    await rollbook.stop();
  });

  test('a key that was staged first is accepted by all of them when one begins to use it', async () => {
    const staged = await afterStep(rollbook.env, '--stage');
    const promoted = await afterStep(staged, '--promote');
    const [former, first, second] = [await copy(rollbook.env), await copy(staged), await copy(promoted)];
    expect([await published(former.query), await published(first.query), await published(second.query)]).toStrictEqual([
      ['k1'],
      ['k1', 'k2'],
      ['k2', 'k1'],
    ]);
    const [byFormer, byFirst] = [await signInAt(former.command), await signInAt(first.command)];
    // It hashes the password under the new pepper.
    const bySecond = await signInAt(second.command);
    const id = String(bySecond.body.user.id);
    await until(async () => (await typesIn(rollbook, `user-${id}`)).includes('PasswordRehashed'));
    expect([byFormer, byFirst, bySecond].map(({ body }) => kidOf(body.access_token))).toStrictEqual(['k1', 'k1', 'k2']);
    for (const { body } of [byFormer, byFirst, bySecond])
      for (const at of [first, second]) expect(await works(at, body.access_token)).toStrictEqual([200, 400]);
    expect((await signInAt(first.command)).status).toBe(200);
    // That is why there are two steps: a copy that does not know the key yet refuses its tokens.
    expect(await works(former, bySecond.body.access_token)).toStrictEqual([401, 401]);
  });

  test('the log remembers each new pepper and master key once', async () => {
    expect(await countEvents(rollbook, 'KeyCheckAdded')).toBe(2);
  });
});
