import { createServer } from 'node:http';
import { listen } from '@rollbook/shared/process/listen';

/**
 * The port itself, or for 0 a free one. Throws StartError when it is taken: said before anything else is started.
 */
export async function freePort(host: string, port: number): Promise<number> {
  const probe = await listen(createServer(), { host, port });
  await probe.close(0);
  return probe.port;
}
