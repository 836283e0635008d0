import { SECOND } from '@rollbook/shared/kernel/clock';
import type { CheckpointSink } from './checkpoint-sink.ts';

/** ms for one request. */
const LONGEST = 10 * SECOND;

/** POSTs each note as text/plain. Any 2xx says that it is kept. A redirect is refused. */
export const httpsSink = ({ url, authorization }: { url: string; authorization: string | null }): CheckpointSink => {
  const { origin, pathname } = new URL(url);
  return {
    name: `${origin}${pathname}`,
    async push({ note }, signal) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'text/plain; charset=utf-8',
          ...(authorization === null ? {} : { Authorization: authorization }),
        },
        body: note,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]),
      });
      // Read, so that the connection can be used again; a body of any length is not kept.
      await response.body?.cancel();
      if (!response.ok) throw new Error(`It answered ${String(response.status)}`);
    },
  };
};
