import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descendantsOf, environmentOf, startProcess, type Exit, type TestProcess } from '../support/child-process.ts';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn } from '../support/journey.ts';
import { testKafka } from '../support/kafka.ts';
import { freeRow, largeSurroundings, type LargeSurroundings } from '../support/large-surroundings.ts';
import { testSecrets } from '../support/test-secrets.ts';

const STACK = /^\s+at .+:\d+/m;

describe('A service that is started alone with wrong settings', () => {
  const secrets = testSecrets();
  const urls = {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    EVENT_STORE_URL: 'esdb://127.0.0.1:1?tls=false',
    MESSAGE_FEED_URL: 'kafka://127.0.0.1:1',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Rollbook <no-reply@example.org>',
    PUBLIC_URL: 'http://127.0.0.1:8000',
    COMMAND_API_URL: 'http://127.0.0.1:1',
    QUERY_API_URL: 'http://127.0.0.1:1',
    PROJECTOR_URL: 'http://127.0.0.1:1',
    MAILER_URL: 'http://127.0.0.1:1',
  };

  // Of each service: a setting that is missing, and one that is wrong.
  const cases = [
    ['command-api', ['start', '-w', 'command-api'], 'PASSWORD_PEPPER', { DIGEST_KEY: 'dG9vIHNob3J0' }],
    ['query-api', ['start', '-w', 'query-api'], 'TOKEN_PUBLIC_KEYS', { DATABASE_URL: 'mysql://root:hush@db' }],
    ['projector', ['start', '-w', 'projector'], 'NOTARY_PRIVATE_KEYS', { EVENT_STORE_URL: 'http://u:hush@log' }],
    ['mailer-worker', ['start', '-w', 'mailer-worker'], 'SMTP_URL', { MESSAGE_FEED_URL: 'amqp://u:hush@feed' }],
    ['the gateway', ['start:gateway'], 'COMMAND_API_URL', { PORT: 'eighty-hush' }],
    ['start:large', ['start:large'], '', { PORT: '65533' }],
  ] as const;
  const exits = new Map<string, Promise<Exit>>();
  beforeAll(() => {
    for (const [name, script, missing, wrong] of cases) {
      const env: NodeJS.ProcessEnv = { ...secrets, ...urls, ...wrong };
      if (missing !== '') env[missing] = '';
      exits.set(name, startProcess('npm', ['run', '--silent', ...script], env).exit);
    }
  });

  test.each(cases)('%s ends with 78 and a sentence for each', async (name, _script, missing, wrong) => {
    const { code, said } = (await exits.get(name))!;
    expect({ code, stack: STACK.test(said) }).toStrictEqual({ code: 78, stack: false });
    const lines = said.trim().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${Object.keys(wrong)[0] ?? ''} must be .+\\.$`)));
    if (missing !== '')
      expect(lines).toContainEqual(expect.stringMatching(`^${missing} must be .+; it is not set\\.$`));
    expect(lines).toHaveLength(missing === '' ? 1 : 2);
    expect(said).not.toMatch(/hush|dG9vIHNob3J0/);
  });
});

const kafka = await testKafka();

(kafka === null ? describe.skip : describe)('The five processes of `npm run start:large`', () => {
  let around: LargeSurroundings;
  let large: TestProcess;
  let url = '';
  let pids: Readonly<Record<string, number>> = {};

  const start = async (): Promise<void> => {
    const port = await freeRow(5);
    url = `http://127.0.0.1:${port}`;
    large = startProcess('npm', ['run', '--silent', 'start:large'], {
      ...around.env,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      AWS_SECRET_ACCESS_KEY: 'of somebody else',
    });
    const ready = async (): Promise<boolean> => {
      if (large.child.exitCode !== null) throw new Error(large.said());
      return (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200;
    };
    await until('all five are ready', ready, 60_000);
    const below = await descendantsOf(large.pid);
    pids = Object.fromEntries(
      ['command-api', 'query-api', 'projector', 'mailer-worker', 'gateway', 'large'].map((name) => [
        name,
        below.find(({ command }) => command.includes(`/${name}/`) && command.endsWith('main.ts'))?.pid ?? 0,
      ]),
    );
  };
  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  /** What it ended with, after how long, and who of it is left. */
  const ended = async (exit: Promise<Exit>): Promise<{ code: number | null; inTime: boolean; left: string[] }> => {
    const asked = performance.now();
    const { code } = await exit;
    const inTime = performance.now() - asked < 5_000;
    return { code, inTime, left: Object.keys(pids).filter((name) => alive(pids[name] ?? 0)) };
  };

  beforeAll(async () => {
    around = await largeSurroundings(kafka ?? '');
    await start();
  }, 120_000);
  afterAll(async () => {
    await large.stop();
    await around.end();
  });

  test('carry a person from the registration over the mail and the sign-in to the list of the administrator', async () => {
    const journey = journeyOn({ url, smtp: around.smtp });
    const signedIn = await journey.member('anna');
    expect(signedIn.status).toBe(200);
    const list = await call(url, 'GET', '/users?sort_by=username&order=desc', {
      token: await journey.admin(),
      headers: { 'consistency-token': signedIn.headers.get('consistency-token') ?? '' },
    });
    expect(list.body.data).toMatchObject([{ username: 'anna', email_verified: true }, { username: 'admin' }]);
    expect(await around.feed.messages()).toContainEqual(
      expect.objectContaining({ key: list.body.data[0].id, type: 'rollbook.user.registered.v1' }),
    );
  });

  test('each see the settings that they need, and no other', async () => {
    const everybody = ['MASTER_KEY', 'DATABASE_URL', 'EVENT_STORE_URL', 'PUBLIC_URL', 'NODE_ENV'];
    const limits = ['RATE_LIMIT_PER_HOUR', 'RATE_LIMIT_ANONYMOUS_PER_HOUR'];
    const wanted: Readonly<Record<string, readonly string[]>> = {
      'command-api': [
        ...everybody,
        ...['PASSWORD_PEPPER', 'DIGEST_KEY', 'LINK_KEYS', 'TOKEN_PRIVATE_KEYS', 'RECEIPT_PRIVATE_KEYS'],
        ...['ADMIN_EMAIL', 'ADMIN_PASSWORD', 'BCRYPT_COST', 'RATE_LIMIT_CREDENTIALS_PER_HOUR', ...limits],
      ],
      'query-api': [...everybody, 'TOKEN_PUBLIC_KEYS', 'NOTARY_PUBLIC_KEYS', 'RECEIPT_PUBLIC_KEYS', ...limits],
      projector: [...everybody, 'MESSAGE_FEED_URL', 'NOTARY_PRIVATE_KEYS'],
      'mailer-worker': [...everybody, 'MESSAGE_FEED_URL', 'LINK_KEYS', 'SMTP_URL', 'MAIL_FROM'],
      gateway: ['COMMAND_API_URL', 'QUERY_API_URL', 'PROJECTOR_URL', 'MAILER_URL'],
    };
    const harmless = new Set(['PATH', 'HOME', 'TZ', 'LANG', 'HOST', 'PORT', 'LOG_LEVEL', 'TRUST_PROXY']);
    for (const [name, names] of Object.entries(wanted)) {
      const seen = Object.keys(await environmentOf(pids[name] ?? 0)).filter((each) => !harmless.has(each));
      expect([name, ...seen.sort()]).toStrictEqual([name, ...[...names].sort()]);
    }
  });

  test('end within 5 s and with 0 when they are asked to', async () => {
    large.child.kill('SIGTERM');
    expect([await ended(large.exit), large.said()]).toStrictEqual([
      { code: 0, inTime: true, left: [] },
      expect.not.stringMatching('cleanly|has ended'),
    ]);
  });

  test('go on where they ended, and end together when one of them is killed, with a code that is not 0', async () => {
    await start();
    expect((await journeyOn({ url, smtp: around.smtp }).signIn('anna')).status).toBe(200);
    process.kill(pids['projector'] ?? 0, 'SIGKILL');
    expect(await ended(large.exit)).toStrictEqual({ code: 1, inTime: true, left: [] });
    expect(large.said()).toContain('projector has ended (SIGKILL); the others are stopped.');
  }, 120_000);
});
