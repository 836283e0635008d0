import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A service that records what reaches it, and answers as it is told. */
export interface Service {
  readonly url: URL;
  readonly seen: { readonly request: IncomingMessage; readonly body: string }[];
  answer: RequestListener;
  stop(): Promise<void>;
}

/** Starts one on a free port; at first it answers with its name. */
export const serve = async (name: string): Promise<Service> => {
  const seen: Service['seen'] = [];
  const plain: RequestListener = (_request, response) => {
    response.setHeader('X-Service', name);
    response.end(name);
  };
  const server: Server = createServer((request, response) => {
    void text(request).then(
      (body) => seen.push({ request, body }),
      () => undefined,
    );
    service.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: Service = {
    url: new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`),
    seen,
    answer: plain,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
};
