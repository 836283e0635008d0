import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startService, type TestProcess } from '../support/child-process.ts';
import { call, linkToken, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, query } from '../support/journey.ts';
import { testKafka } from '../support/kafka.ts';
import { largeSurroundings, type LargeSurroundings } from '../support/large-surroundings.ts';

const kafka = await testKafka();

/** Mails that one mailer has under way at most: so many may come twice when it is killed. */
const LANES = 8;

type Copy = TestProcess & { readonly url: string };

(kafka === null ? describe.skip : describe)('Two copies of every service over one log', () => {
  let around: LargeSurroundings;
  const copies: Copy[] = [];
  const start = async (service: string): Promise<Copy> => {
    const copy = await startService(`${service}/src/main.ts`, around.env);
    copies.push(copy);
    return copy;
  };
  let commands: readonly Copy[];
  let queries: readonly Copy[];
  let projectors: readonly Copy[];
  let mailers: readonly Copy[];
  const commandUrl = (n: number): string => commands[n % 2]?.url ?? '';
  const queryUrl = (n: number): string => queries[n % 2]?.url ?? '';
  const throughBoth = () => [0, 1].map((n) => journeyOn({ url: commandUrl(n), smtp: around.smtp }));

  beforeAll(async () => {
    around = await largeSurroundings(kafka ?? '');
    // Both command-apis find an empty log at the same moment. Of the others the first leads, the second stands by.
    const [one, other, projector, mailer] = await Promise.all(
      ['command-api', 'command-api', 'projector', 'mailer-worker'].map(start),
    );
    const later = await Promise.all(['query-api', 'query-api', 'projector', 'mailer-worker'].map(start));
    commands = [one!, other!];
    queries = later.slice(0, 2);
    projectors = [projector!, later[2]!];
    mailers = [mailer!, later[3]!];
  }, 120_000);
  afterAll(async () => {
    await Promise.all(copies.map((copy) => copy.stop()));
    await around.end();
  });

  const addressOf = (name: string): string => `${name}@example.com`;
  const mailsTo = (name: string): number =>
    around.smtp.received.filter(({ recipients }) => recipients.includes(addressOf(name))).length;
  /** Registers these names, half of them through each command-api, and every fifth through both at once. */
  const register = async (names: readonly string[]): Promise<readonly (readonly ClientAnswer[])[]> => {
    const [here, there] = throughBoth();
    const answers: (readonly ClientAnswer[])[] = [];
    for (let first = 0; first < names.length; first += 10) {
      const some = names.slice(first, first + 10).map((name, n) => {
        const ways = n % 5 === 0 ? [here!, there!] : [n % 2 === 0 ? here! : there!];
        return Promise.all(ways.map((way) => way.register(name)));
      });
      answers.push(...(await Promise.all(some)));
    }
    return answers;
  };
  const names = (group: string): readonly string[] => Array.from({ length: 50 }, (_, n) => `${group}-${n}`);
  const expectOneOwnerEach = (answers: readonly (readonly ClientAnswer[])[]): void => {
    for (const same of answers) {
      expect(same.map(({ status }) => status).sort()).toStrictEqual(same.length === 2 ? [201, 409] : [201]);
    }
  };
  const directory = () =>
    query<{ id: string; email_canonical: string }>(
      { databaseUrl: around.databaseUrl },
      'select id, email_canonical from read_model.user_directory',
    );

  test('make one administrator together, and take tokens that either of them made', async () => {
    expect(await eventsIn(around, 'UserRegistered')).toHaveLength(1);
    const [here, there] = throughBoth();
    expect((await here!.register('berta')).status).toBe(201);
    const mail = await here!.mailTo('berta@example.com');
    expect((await there!.post('/auth/verify-email', { token: linkToken(mail, 'verify-email') })).status).toBe(200);
    const signedIn = await here!.signIn('berta');
    const token = String(signedIn.body.access_token);
    const headers = { 'consistency-token': signedIn.headers.get('consistency-token') ?? '' };
    for (const n of [0, 1]) {
      const me = await call(queryUrl(n), 'GET', '/users/me', { token, headers });
      expect([me.status, me.body?.username]).toStrictEqual([200, 'berta']);
    }
    const refreshed = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        call(commandUrl(n), 'POST', '/auth/refresh', { body: { refresh_token: signedIn.body.refresh_token } }),
      ),
    );
    const winners = refreshed.filter(({ status }) => status === 200);
    expect([winners.length, refreshed.filter(({ status }) => status === 409).length]).toStrictEqual([1, 9]);
    const next = { refresh_token: String(winners[0]?.body.refresh_token) };
    expect((await there!.post('/auth/refresh', next)).status).toBe(200);
  });

  test('give 50 addresses one owner, one row and one mail each, also where both were asked at once', async () => {
    const people = names('a');
    expectOneOwnerEach(await register(people));
    await until('all mails came', () => people.every((name) => mailsTo(name) > 0));
    await until('all stand in the directory', async () => (await directory()).length === people.length + 2);
    expect(people.map(mailsTo)).toStrictEqual(people.map(() => 1));
    const addresses = (await directory()).map((row) => row.email_canonical);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('lose nothing when a projector and a mailer are killed under them; at most 8 mails come twice', async () => {
    const people = names('b');
    const before = around.smtp.received.length;
    const registering = register(people);
    await until('some mails came', () => around.smtp.received.length >= before + 10);
    await Promise.all([projectors[0]!.stop('SIGKILL'), mailers[0]!.stop('SIGKILL')]);
    const left = people.filter((name) => mailsTo(name) === 0).length;
    expectOneOwnerEach(await registering);
    expect(left).toBeGreaterThan(0);

    const everybody = (await eventsIn(around, 'UserRegistered')).length;
    await until('all stand in the directory', async () => (await directory()).length === everybody);
    await until('the mailer that is left took in every request', async () => {
      const rows = await query({ databaseUrl: around.databaseUrl }, 'select 1 from mailer.deliveries');
      return rows.length === everybody - 1;
    });
    const waiting = 'select 1 from mailer.deliveries where status = $1';
    // What the dead one held is let go when its lease ends, 45 s after it took it: here, the time is passed on.
    const held = `update mailer.deliveries set due_at = now() where status = $1 and due_at > now() + interval '20 s'`;
    await until('the mailer that is left sent what was free', async () => {
      const rows = await query({ databaseUrl: around.databaseUrl }, waiting, ['waiting']);
      return rows.length <= LANES;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await query({ databaseUrl: around.databaseUrl }, held, ['waiting']);
    await until('all mails came', () => people.every((name) => mailsTo(name) > 0));
    await until('none waits', async () => {
      return (await query({ databaseUrl: around.databaseUrl }, waiting, ['waiting'])).length === 0;
    });

    const twice = people.filter((name) => mailsTo(name) > 1);
    expect(twice.length).toBeLessThanOrEqual(LANES);
    expect(people.every((name) => mailsTo(name) <= 2)).toBe(true);
    const rows = await directory();
    expect(new Set(rows.map((row) => row.email_canonical)).size).toBe(everybody);
    const registered = (await eventsIn(around, 'UserRegistered')).map(({ id }) => id);
    await until('every registration stands in the topic', async () => {
      const ids = new Set((await around.feed.messages()).map(({ id }) => id));
      return registered.every((id) => ids.has(id));
    });
  });

  test('end with 0 when they are asked to', async () => {
    const left = copies.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    const codes = await Promise.all(left.map(async (copy) => (await copy.stop()).code));
    expect(codes).toStrictEqual([0, 0, 0, 0, 0, 0]);
  });
});
