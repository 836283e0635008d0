import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The node's port. It outlives the gRPC server behind it, and can do to connections what a network does. */
export interface Door {
  readonly port: number;
  /** Breaks every connection. */
  drop(): void;
  /** From now on not a byte moves, in either direction; new connections are taken. */
  freeze(): void;
  thaw(): void;
  /** Breaks every connection, and nobody listens any more. */
  close(): Promise<void>;
  /** Listens on the same port again, in front of this server. */
  open(inner: number): Promise<void>;
}

export const createDoor = async (wanted: number): Promise<Door> => {
  const sockets = new Set<Socket>();
  let inner = 0;
  let isFrozen = false;
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  const server = createServer((client) => {
    const upstream = connect(inner, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket.setNoDelay());
      socket.on('data', (bytes) => {
        if (!other.write(bytes)) socket.pause();
      });
      other.on('drain', () => void (isFrozen || socket.resume()));
      if (isFrozen) socket.pause();
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  await listen(wanted);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    drop,
    freeze: () => {
      isFrozen = true;
      sockets.forEach((socket) => socket.pause());
    },
    thaw: () => {
      isFrozen = false;
      sockets.forEach((socket) => socket.resume());
    },
    close: () =>
      new Promise((closed) => {
        drop();
        if (server.listening) server.close(() => closed());
        else closed();
      }),
    open: async (behind) => {
      inner = behind;
      isFrozen = false;
      if (!server.listening) await listen(port);
    },
  };
};
