import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { descendantsOf, startProcess, type TestProcess } from '../support/child-process.ts';
import { call } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { testKafka } from '../support/kafka.ts';
import { freeRow, largeSurroundings, type LargeSurroundings } from '../support/large-surroundings.ts';
import { ADMIN } from '../support/rollbook.ts';
import { dataFolder, startStandalone, type StandaloneProcess } from '../support/standalone.ts';

/** A Rollbook that can be killed, and started again on what it left. */
interface Mortal {
  /** Ready when it resolves. */
  start(): Promise<{ readonly url: string; readonly databaseUrl: string; readonly admin: object }>;
  kill(): Promise<void>;
  end(): Promise<void>;
}

const small = async (): Promise<Mortal> => {
  const data = await dataFolder();
  let rollbook: StandaloneProcess;
  return {
    async start() {
      rollbook = await startStandalone(data.path);
      const admin = JSON.parse(await readFile(join(data.path, 'first-admin.json'), 'utf8')) as object;
      return { url: rollbook.url, databaseUrl: rollbook.services.database_url, admin };
    },
    async kill() {
      await rollbook.stop('SIGKILL');
    },
    async end() {
      await rollbook.stop();
      await data.remove();
    },
  };
};

const large = async (kafka: string): Promise<Mortal> => {
  const around: LargeSurroundings = await largeSurroundings(kafka);
  let processes: TestProcess;
  return {
    async start() {
      const port = await freeRow(5);
      const url = `http://127.0.0.1:${String(port)}`;
      processes = startProcess('npm', ['run', '--silent', 'start:large'], { ...around.env, PORT: String(port) });
      await until(
        'all five are ready',
        async () => (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200,
        60_000,
      );
      return { url, databaseUrl: around.databaseUrl, admin: ADMIN };
    },
    async kill() {
      // The first that ends ends the others; the one that is killed here is the one that erases.
      for (const { pid, command } of await descendantsOf(processes.pid))
        if (/\/(?:command-api|projector)\/src\/main\.ts/.test(command)) process.kill(pid, 'SIGKILL');
      await processes.exit;
    },
    async end() {
      await processes.stop();
      await around.end();
    },
  };
};

const story = (create: () => Promise<Mortal>): void => {
  let rollbook: Mortal;
  beforeAll(async () => {
    rollbook = await create();
  }, 60_000);
  afterAll(() => rollbook.end(), 60_000);

  test('is killed between the event and the end of the key: the next start has destroyed it before it is ready, and signs the receipt', async () => {
    const { url, databaseUrl, admin } = await rollbook.start();
    const token = (await call(url, 'POST', '/auth/login', { body: admin })).body.access_token as string;
    const body = { email: 'mia@example.org', password: 'Correct-Horse-7' };
    const { id } = (await call(url, 'POST', '/users', { body })).body as { id: string };
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    // Keys can be read, and none can be destroyed.
    await client.query('begin');
    await client.query('lock table keys.person_keys in exclusive mode');
    const answer = call(url, 'DELETE', `/users/${id}?soft_delete=false`, { token }).then(
      ({ status }) => status,
      () => 'no answer',
    );
    const shown = async (): Promise<string> =>
      (await call(url, 'GET', `/users/${id}`, { token })).body.status as string;
    await until('it stands in the log', async () => (await shown()) === 'erased');
    const key = 'select wrapped is null as destroyed from keys.person_keys where subject = $1';
    expect((await client.query(key, [id])).rows).toEqual([{ destroyed: false }]);
    await rollbook.kill();
    expect(await answer).not.toBe(204);
    await client.end().catch(() => undefined);

    const again = await rollbook.start();
    const after = new pg.Client({ connectionString: again.databaseUrl });
    await after.connect();
    const { rows } = await after.query(key, [id]);
    await after.end();
    expect(rows).toEqual([{ destroyed: true }]);
    const session = (await call(again.url, 'POST', '/auth/login', { body: again.admin })).body.access_token as string;
    const receipt = async (): Promise<object | null> =>
      (await call(again.url, 'GET', `/erasures/${id}`, { token: session })).body.receipt as object | null;
    await until('the receipt is signed', async () => (await receipt()) !== null);
    expect(await receipt()).toMatchObject({ id });
  }, 180_000);
};

describe('On the small profile, whoever erases', () => {
  story(small);
});

const kafka = await testKafka();

(kafka === null ? describe.skip : describe)('On the large profile, whoever erases', () => {
  story(() => large(kafka ?? ''));
});
