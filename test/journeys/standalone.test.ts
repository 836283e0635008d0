import { once } from 'node:events';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataFolder, failToStart, isAlive, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

interface InboxMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly received_at: string;
}

const password = 'Correct-horse-9';
const send = (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const until = async (isTrue: () => Promise<boolean>, ms: number): Promise<void> => {
  const latest = Date.now() + ms;
  while (!(await isTrue())) {
    if (Date.now() > latest) throw new Error('It did not come to hold');
    await new Promise((wake) => setTimeout(wake, 20));
  }
};

const signIn = async (url: string, credentials: object): Promise<string> => {
  const answer = await send(`${url}/v1/auth/login`, credentials);
  if (answer.status !== 200) throw new Error(`Signing in was answered with ${String(answer.status)}`);
  return ((await answer.json()) as { access_token: string }).access_token;
};

/** One life of a data folder, told in order: each test begins where the one before ended. */
describe('The small profile', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  let running: StandaloneProcess | undefined;
  const now = (): StandaloneProcess => {
    if (!running) throw new Error('It is not running');
    return running;
  };
  const begin = async (env: NodeJS.ProcessEnv = {}): Promise<StandaloneProcess> =>
    (running = await startStandalone(data.path, env));
  const readAdmin = async (): Promise<{ email: string; password: string }> =>
    JSON.parse(await readFile(join(data.path, 'first-admin.json'), 'utf8')) as { email: string; password: string };
  const emails = async (): Promise<string[]> => {
    const token = await signIn(now().url, await readAdmin());
    const answer = await fetch(`${now().url}/v1/users?sort_by=created_at&order=asc`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return ((await answer.json()) as { data: { email: string }[] }).data.map(({ email }) => email);
  };
  const mails = async (): Promise<InboxMail[]> =>
    (await (await fetch(`${now().url}/dev/inbox.json`)).json()) as InboxMail[];

  beforeAll(async () => {
    data = await dataFolder();
  });
  afterAll(async () => {
    await running?.stop();
    await data.remove();
  });

  test('the first start shows its addresses, the first administrator and a request to try', async () => {
    const { said, url } = await begin();
    const { email, password: shown } = await readAdmin();
    expect(said()).toContain(`    email     ${email}\n    password  ${shown}\n`);
    expect(said()).toContain(`curl -i ${url.replace('127.0.0.1', 'localhost')}/v1/users`);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await until(async () => (await fetch(`${url}/health/ready`)).status === 200, 5_000);
  });

  test('what is secret is readable by its owner alone', async () => {
    for (const file of ['secrets.json', 'first-admin.json', 'services.json'])
      expect((await stat(join(data.path, file))).mode & 0o777).toBe(0o600);
  });

  test('a registration brings its mail into the inbox within a second, and the mail verifies it', async () => {
    const { url } = now();
    expect((await send(`${url}/v1/users`, { email: 'mia@example.org', password })).status).toBe(201);
    await until(async () => (await mails()).some(({ to }) => to === 'mia@example.org'), 1_000);
    const [mail] = await mails();
    expect(mail).toMatchObject({ to: 'mia@example.org', subject: 'Please confirm your email address' });
    expect(mail?.html).toContain('<!doctype html>');
    const token = /^http:\/\/localhost:\d+\/verify-email\?token=(\S+)$/m.exec(mail?.text ?? '')?.[1];
    expect((await send(`${url}/v1/auth/verify-email`, { token })).status).toBe(200);
    await signIn(url, { email: 'mia@example.org', password });
    expect(await emails()).toEqual([(await readAdmin()).email, 'mia@example.org']);
  });

  test('the inbox page shows mails without letting them do anything', async () => {
    const page = await fetch(`${now().url}/dev/inbox`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('<b>mia@example.org</b>');
    expect(text).toContain('<iframe sandbox title="The mail as HTML" srcdoc="&lt;!doctype html&gt;');
  });

  test.each([
    ['a forwarding header', { 'X-Forwarded-For': '127.0.0.1' }],
    ['the origin of another page', { Origin: 'https://evil.example' }],
    ['a request that another site causes', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('with %s there is no inbox', async (_what, headers) => {
    for (const path of ['/dev/inbox', '/dev/inbox.json'])
      expect((await fetch(now().url + path, { headers })).status).toBe(404);
  });

  test('a second copy on the same folder names the process that serves it, and ends', async () => {
    const { code, said } = await failToStart({ DATA_DIR: data.path, PORT: '0' });
    expect(code).toBe(1);
    expect(said).toBe(
      `Process ${String(now().services.pids.service)} already serves ${data.path}: ` +
        `end it (kill ${String(now().services.pids.service)}), or set another DATA_DIR.\n`,
    );
  });

  test('a signal ends it cleanly within five seconds, PostgreSQL included', async () => {
    const { services, stop } = now();
    const begun = Date.now();
    expect((await stop('SIGINT')).code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(await isAlive(services.pids.postgres)).toBe(false);
    await expect(stat(join(data.path, 'services.json'))).rejects.toThrow('ENOENT');
  });

  test('the next start finds everything again and shows no password', async () => {
    const { said } = await begin();
    expect(said()).not.toContain('password ');
    expect(await emails()).toContain('mia@example.org');
  });

  test('after kill -9 of the service the next start takes PostgreSQL over', async () => {
    const { services, stop } = now();
    await stop('SIGKILL');
    expect(await isAlive(services.pids.postgres)).toBe(true);
    await begin();
    expect(await isAlive(services.pids.postgres)).toBe(false);
    expect(await emails()).toContain('mia@example.org');
  });

  test('when PostgreSQL is killed the service says so and ends; the next start recovers', async () => {
    process.kill(now().services.pids.postgres, 'SIGKILL');
    const { code, said } = await now().exit;
    expect(code).toBe(1);
    expect(said).toContain('PostgreSQL ended by SIGKILL; stopping. Start again: it recovers by itself.');
    await begin();
    expect(await emails()).toContain('mia@example.org');
  });

  test('after kill -9 of both the next start recovers', async () => {
    const { pids } = now().services;
    process.kill(pids.service, 'SIGKILL');
    process.kill(pids.postgres, 'SIGKILL');
    await now().exit;
    await begin();
    expect(await emails()).toContain('mia@example.org');
    await now().stop();
    running = undefined;
  });

  test('without its secrets a log that has events is not opened, and no new ones are made', async () => {
    const file = join(data.path, 'secrets.json');
    await rename(file, `${file}.away`);
    const { code, said } = await failToStart({ DATA_DIR: data.path, PORT: '0' });
    expect({ code, said }).toEqual({
      code: 78,
      said: expect.stringMatching(/^The event log has events, but MASTER_KEY, /),
    });
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await rename(`${file}.away`, file);
  });

  test('with another master key the log is not opened', async () => {
    const other = Buffer.alloc(32, 1).toString('base64');
    const { code, said } = await failToStart({ DATA_DIR: data.path, PORT: '0', MASTER_KEY: `k1:${other}` });
    expect({ code, said }).toEqual({ code: 78, said: expect.stringMatching(/^MASTER_KEY \(id k1\) is not what/) });
    expect(said).not.toContain(other);
  });
});

describe('A start that cannot succeed says why in one sentence', () => {
  let data: Awaited<ReturnType<typeof dataFolder>>;
  beforeAll(async () => {
    data = await dataFolder();
  });
  afterAll(() => data.remove());

  test('a taken port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const result = await failToStart({ DATA_DIR: data.path, PORT: String(port) });
    taken.close();
    expect(result).toEqual({ code: 1, said: `Port ${String(port)} of 127.0.0.1 is taken: set PORT to a free one.\n` });
  });

  test('a folder that cannot be written', async () => {
    const file = join(data.path, 'a-file');
    await writeFile(file, '');
    expect(await failToStart({ DATA_DIR: join(file, 'below'), PORT: '0' })).toEqual({
      code: 1,
      said: `This user cannot write to the data folder ${join(file, 'below')} (ENOTDIR): set DATA_DIR to one of your own.\n`,
    });
  });

  test('wrong settings, which end with 78', async () => {
    const { code, said } = await failToStart({ DATA_DIR: data.path, PORT: '0', HOST: '0.0.0.0' });
    expect(said).toMatch(/^HOST is not a loopback address.*set SMTP_URL to a mail server\.\n$/);
    expect(code).toBe(78);
  });
});
