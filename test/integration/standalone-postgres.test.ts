import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { findPostgresBinaries } from '../../deploy/standalone/postgres/binaries.ts';
import { commandLine, until } from '../../deploy/standalone/postgres/live-process.ts';
import { chooseRunAs, dataOwner } from '../../deploy/standalone/postgres/run-as.ts';
import { startPostgres, type RunningPostgres } from '../../deploy/standalone/postgres/start-postgres.ts';

const asRoot = process.getuid?.() === 0 ? test : test.skip;

let dataDir: string;
let running: RunningPostgres[];
let lines: string[];

const start = async (settings: Record<string, string> = { fsync: 'off' }): Promise<RunningPostgres> => {
  const postgres = await startPostgres({ dataDir, log: (line) => lines.push(line), settings });
  running.push(postgres);
  return postgres;
};

const ask = async (url: string, statement: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: statement, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
};

const note = async (url: string): Promise<void> => {
  await ask(url, 'drop table if exists note');
  await ask(url, `create table note as select 'kept' as word`);
};
const noted = (url: string): Promise<unknown> => ask(url, 'select word from note');
const ended = (pid: number): Promise<boolean> => until(() => commandLine(pid) === undefined, 5_000);

const makeFolder = async (): Promise<void> => {
  dataDir = await mkdtemp(join(tmpdir(), 'rollbook-standalone-'));
  await chmod(dataDir, 0o755);
};
const removeFolder = (): Promise<void> => rm(dataDir, { recursive: true, force: true });

beforeEach(() => {
  running = [];
  lines = [];
});

afterEach(async () => {
  for (const postgres of running) await postgres.stop();
});

describe('a first start', () => {
  beforeEach(makeFolder);
  afterEach(removeFolder);

  test('gives a durable database that only this machine reaches, and only with the password', async () => {
    const { url } = await start({});
    expect(await ask(url, 'show fsync')).toBe('on');
    expect(await ask(url, 'show listen_addresses')).toBe('127.0.0.1');
    expect(await ask(url, 'show unix_socket_directories')).toBe('');
    await expect(ask(url.replace(/:[^:@/]+@/, ':guessed@'), 'select 1')).rejects.toThrow(
      'password authentication failed',
    );
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o077).toBe(0);
  });

  test('does not trip over a lay-out that was killed half way', async () => {
    await (await start()).stop();
    await rm(join(dataDir, 'postgres'), { recursive: true });
    await rm(join(dataDir, 'postgres.json'));
    await writeFile(join(dataDir, 'postgres.new'), 'half');
    expect(await ask((await start()).url, 'select 1')).toBe(1);
  });
});

describe('a later start', () => {
  // One folder for all: each test starts on what the one before left.
  beforeAll(makeFolder);
  afterAll(removeFolder);

  test('finds the data again, on the same port', async () => {
    const first = await start();
    await note(first.url);
    await first.stop();
    expect(commandLine(first.pid)).toBeUndefined();
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await noted(second.url)).toBe('kept');
  });

  test('recovers what was committed before PostgreSQL was killed', async () => {
    const first = await start({});
    const told = new Promise((resolve) => {
      first.onExit(resolve);
    });
    await note(first.url);
    process.kill(first.pid, 'SIGKILL');
    expect(await told).toBe('by SIGKILL');
    expect(await noted((await start()).url)).toBe('kept');
  });

  test('stops a PostgreSQL that outlived its parent and goes on with its data', async () => {
    const orphan = await start();
    await note(orphan.url);
    const { pid, url } = await start();
    expect(pid).not.toBe(orphan.pid);
    expect(await ended(orphan.pid)).toBe(true);
    expect(await noted(url)).toBe('kept');
    expect(lines).toContain('stopped the PostgreSQL that an earlier start left running');
  });

  test('is not blocked when the pid in postmaster.pid belongs to another program by now', async () => {
    const first = await start();
    await note(first.url);
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    const left = await readFile(file, 'utf8');
    await first.stop();
    const bystander = spawn('sleep', ['60']);
    try {
      await once(bystander, 'spawn');
      await writeFile(file, left.replace(/^\d+/, String(bystander.pid)), { mode: 0o600 });
      expect(await noted((await start()).url)).toBe('kept');
      expect(bystander.exitCode).toBeNull();
      expect(bystander.signalCode).toBeNull();
    } finally {
      bystander.kill();
    }
  });

  test('takes another port when the old one is taken', async () => {
    const first = await start();
    await first.stop();
    const port = Number(new URL(first.url).port);
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(Number(new URL(second.url).port)).not.toBe(port);
    } finally {
      squatter.close();
    }
  });

  test('says in one sentence why PostgreSQL does not start, and works when the reason is gone', async () => {
    await expect(start({ max_connections: 'many' })).rejects.toThrow(
      /^PostgreSQL did not start on \S+: .*max_connections/,
    );
    const postgres = await start();
    expect(await ask(postgres.url, 'select 1')).toBe(1);
    await Promise.all([postgres.stop(), postgres.stop()]);
  });

  test('says in one sentence that the password is missing', async () => {
    await (await start()).stop();
    await rm(join(dataDir, 'postgres.json'));
    await expect(start()).rejects.toThrow(/^\S+postgres\.json is missing, .* put it back\.$/);
  });
});

describe('under root', () => {
  beforeEach(makeFolder);
  afterEach(removeFolder);

  asRoot('PostgreSQL owns its data folder and nothing else', async () => {
    await start();
    // Another user where it can reach this checkout; root's stand-in where it cannot.
    const runAs = chooseRunAs((await findPostgresBinaries()).postgres, dataDir);
    expect(runAs.kind).not.toBe('self');
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(dataOwner(runAs)?.uid);
    expect((await stat(dataDir)).uid).toBe(0);
    expect((await stat(join(dataDir, 'postgres.json'))).uid).toBe(0);
  });

  asRoot('a folder that only root may enter works too, and so does opening or closing it later', async () => {
    await chmod(dataDir, 0o700);
    const closed = await start();
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(0);
    await note(closed.url);
    await closed.stop();
    await chmod(dataDir, 0o755);
    const opened = await start();
    expect(await noted(opened.url)).toBe('kept');
    await opened.stop();
    await chmod(dataDir, 0o700);
    expect(await noted((await start()).url)).toBe('kept');
  });
});
