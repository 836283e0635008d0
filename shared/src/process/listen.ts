import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error.ts';

export interface Listening {
  /** `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets answers under way finish for at most `withinMs` (default 2,000), then drops the rest. */
  close(withinMs?: number): Promise<void>;
}

/** How an address stands in a URL. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Starts to listen. Port 0 lets the system choose. Throws StartError for a port that is taken or forbidden. */
export async function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    const onError = (fault: NodeJS.ErrnoException): void => {
      const where = `${at.port} of ${at.host}`;
      if (fault.code === 'EADDRINUSE') reject(new StartError(`Port ${where} is taken: set PORT to a free one.`));
      else if (fault.code === 'EACCES')
        reject(new StartError(`This user may not listen on port ${where}: set PORT to another.`));
      else if (fault.code === 'EADDRNOTAVAIL' || fault.code === 'ENOTFOUND')
        reject(new StartError(`This machine has no address ${at.host}: set HOST to one of its own.`));
      else reject(fault);
    };
    server.once('error', onError);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${inUrl(at.host)}:${port}`,
    port,
    close: (withinMs = 2_000) =>
      new Promise((resolve) => {
        const late = setTimeout(() => {
          server.closeAllConnections();
        }, withinMs);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
