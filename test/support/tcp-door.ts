import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The node's port. It outlives the gRPC server behind it, and can do to connections what a network does. */
export type TcpDoor = Awaited<ReturnType<typeof openDoor>>;

export const openDoor = async (wanted: number) => {
  const sockets = new Set<Socket>();
  let inner = 0;
  let isStill = false;
  const server = createServer((client) => {
    const upstream = connect(inner, '127.0.0.1');
    const pipe = (socket: Socket, other: Socket): void => {
      sockets.add(socket.setNoDelay());
      socket.on('data', (bytes) => other.write(bytes) || socket.pause()).on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket) && other.destroy());
      other.on('drain', () => isStill || socket.resume());
      if (isStill) socket.pause();
    };
    pipe(client, upstream);
    pipe(upstream, client);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => void server.once('error', reject).listen(port, '127.0.0.1', resolve));
  /** Breaks every connection. */
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  /** From now on not a byte moves, in either direction; new connections are taken. */
  const freeze = (isFrozen: boolean): void => {
    isStill = isFrozen;
    sockets.forEach((socket) => (isFrozen ? socket.pause() : socket.resume()));
  };
  await listen(wanted);
  const { port } = server.address() as AddressInfo;
  /** Breaks every connection, and nobody listens any more. */
  const close = (): Promise<void> => {
    drop();
    return new Promise((closed) => {
      if (!server.listening) closed();
      server.close(() => closed());
    });
  };
  /** Listens on the same port again, in front of the server at this one. */
  const lead = async (behind: number): Promise<void> => {
    inner = behind;
    freeze(false);
    if (!server.listening) await listen(port);
  };
  return { port, drop, freeze, close, lead };
};
