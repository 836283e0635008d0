import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the proxy does with a request that holds the watched text. */
export type Mischief =
  | 'none'
  /** The server gets it and answers; the answer is lost and the connection breaks. */
  | 'lose-answer'
  /** The connection breaks before the server gets it. */
  | 'lose-request'
  /** The server gets it; its answer never comes, and the connection stays. */
  | 'stay-silent';

export interface TcpProxy {
  readonly url: string;
  /** Does `mischief` to the next `times` requests that hold `text`. */
  plan(mischief: Mischief, text: string, times?: number): void;
  /** Requests to which something was done. */
  readonly done: number;
  /** From now on nobody gets a connection, and there is none. */
  refuse(): void;
  stop(): Promise<void>;
}

/** PostgreSQL's "ready for the next query, no transaction is open": what was asked has been committed. */
const READY = Buffer.from('Z\0\0\0\u0005I', 'latin1');

/** A PostgreSQL server behind a bad network. */
export const startTcpProxy = async (target: string): Promise<TcpProxy> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let plan: { mischief: Mischief; text: string; left: number } = { mischief: 'none', text: '', left: 0 };
  let done = 0;
  let refusing = false;

  const server = createServer((client) => {
    if (refusing) return void client.destroy();
    const upstream = connect(Number(port), hostname);
    let doomed: Mischief = 'none';
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.on('data', (bytes) => {
      if (plan.left > 0 && bytes.includes(plan.text)) {
        plan.left -= 1;
        done += 1;
        doomed = plan.mischief;
        if (doomed === 'lose-request') return void client.destroy();
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (doomed === 'none') client.write(bytes);
      else if (doomed === 'lose-answer' && bytes.includes(READY)) client.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    plan: (mischief, text, times = 1) => (plan = { mischief, text, left: times }),
    get done() {
      return done;
    },
    refuse: () => {
      refusing = true;
      for (const socket of sockets) socket.destroy();
    },
    stop: () =>
      new Promise((stopped) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => stopped());
      }),
  };
};
