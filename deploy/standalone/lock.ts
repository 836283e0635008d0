import { createHash } from 'node:crypto';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { StartError } from '@rollbook/shared/process/start-error';

export interface Lock {
  /** Lets another start have the folder. */
  release(): Promise<void>;
}

/**
 * Where the holder listens. On Linux and Windows the name lives in the kernel and goes with the process, however it
 * ends, so there is nothing stale to judge; elsewhere it is a file that is removed when nobody answers.
 */
const addressOf = (dataDir: string): string => {
  const name = `rollbook-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
};

const holderOf = async (address: string): Promise<string | undefined> => {
  const socket = connect(address);
  socket.setTimeout(1_000, () => socket.destroy());
  try {
    return (await text(socket)).trim();
  } catch {
    return undefined;
  }
};

const listenOn = (address: string, answer: string): Promise<Lock | 'taken'> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(answer);
    });
    server.once('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code === 'EADDRINUSE') resolve('taken');
      else reject(fault);
    });
    server.listen(address, () => {
      server.unref();
      resolve({
        release: () =>
          new Promise((done) => {
            server.close(() => {
              done();
            });
          }),
      });
    });
  });

/**
 * Takes the data folder for this process: one running copy per folder. Throws StartError with the pid of the process
 * that serves it already.
 */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  const address = addressOf(dataDir);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const lock = await listenOn(address, String(process.pid));
    if (lock !== 'taken') return lock;
    const pid = await holderOf(address);
    if (pid !== undefined && pid !== '')
      throw new StartError(`Process ${pid} already serves ${dataDir}: end it (kill ${pid}), or set another DATA_DIR.`);
    if (existsSync(address)) rmSync(address, { force: true });
  }
  throw new StartError(`Another process holds ${dataDir} and does not answer: end it, or set another DATA_DIR.`);
}
