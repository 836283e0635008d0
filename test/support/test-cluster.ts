import { spawn } from 'node:child_process';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from '../../deploy/standalone/postgres/start-postgres.ts';
import { migrate } from '../../migrations/migrate.ts';

/** The one PostgreSQL of a test run. It starts when the first test asks for a database. */
export interface TestCluster {
  /** A path that any worker may connect to; the answer is one line of JSON, `{url}` or `{error}`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The migrated database that every test's database is a copy of. */
export const TEMPLATE = 'rollbook_template';

/** Ends the cluster when this process dies without a word: the pipe closes, and the watcher reads its end. */
function watch(pid: number, folder: string): () => void {
  const script = 'cat > /dev/null; kill -QUIT "$1" 2> /dev/null && sleep 1; rm -rf "$2"';
  const watcher = spawn('sh', ['-c', script, 'watch', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => void watcher.kill();
}

/** A test may lose what the machine loses; a measurement waits for the disk as everybody does. */
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

async function begin(folder: string, durable: boolean): Promise<RunningPostgres> {
  const settings = { ...(durable ? {} : FORGETFUL), max_connections: '300', max_wal_size: '4GB' };
  const postgres = await startPostgres({ dataDir: folder, log: () => undefined, settings });
  const unwatch = watch(postgres.pid, folder);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const url = new URL(postgres.url);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href, 'up');
  const stop = async (): Promise<void> => {
    await postgres.stop();
    unwatch();
  };
  return { ...postgres, stop };
}

/** Listens for workers that want the cluster. Costs nothing until one of them does. */
export async function serveTestCluster({ durable = false } = {}): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-test-'));
  let cluster: Promise<RunningPostgres> | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    cluster ??= chmod(folder, 0o755).then(() => begin(folder, durable));
    cluster.then(
      ({ url }) => socket.end(`${JSON.stringify({ url })}\n`),
      (fault: unknown) => socket.end(`${JSON.stringify({ error: String(fault) })}\n`),
    );
  });
  const address = join(folder, 'cluster.sock');
  await new Promise<void>((listening) => server.listen(address, listening));
  await chmod(address, 0o600);
  server.unref();
  return {
    address,
    stop: async () => {
      server.close();
      await (await cluster?.catch(() => undefined))?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
