import { get, type IncomingMessage } from 'node:http';
import { defineEndpoint } from '@rollbook/shared/http/endpoint';
import type { StreamedBody } from '@rollbook/shared/http/send-stream';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { serveSample, type Sample } from './sample-app.ts';

/** Where `serve` serves. */
export const PATH = '/v1/users/me';
const running: Sample[] = [];

/** After each test: ends what `serve` started. */
export const stopSamples = async (): Promise<void> => {
  await Promise.all(running.splice(0).map(({ server }) => server.close(50)));
};

/** Serves this stream at GET /v1/users/me. */
export const serve = async (stream: StreamedBody, clock?: Clock): Promise<Sample> => {
  const endpoint = defineEndpoint({
    operation: 'getMe',
    summary: '',
    description: '',
    tag: 'Service',
    token: 'ignored',
    permission: { who: 'anyone' },
    answers: {},
    errors: [],
    handle: () => Promise.resolve({ status: 200, headers: { 'X-Own': 'yes' }, stream }),
  });
  const sample = await serveSample({ endpoints: [endpoint], ...(clock && { clock }) });
  running.push(sample);
  return sample;
};

export interface Reader {
  readonly answer: IncomingMessage;
  text: string;
  /** `whole` or `broken`. */
  readonly end: Promise<'whole' | 'broken'>;
}

/** Asks; the answer is read as it comes, or not at all. */
export const open = (url: string, { paused = false } = {}): Promise<Reader> =>
  new Promise((resolve, fail) => {
    get(`${url}${PATH}`, { agent: false }, (answer) => {
      const end = new Promise<'whole' | 'broken'>((settle) => {
        answer.once('close', () => settle(answer.complete ? 'whole' : 'broken'));
      });
      const reader: Reader = { answer, text: '', end };
      answer.on('error', () => undefined);
      if (!paused) answer.setEncoding('utf8').on('data', (piece: string) => (reader.text += piece));
      resolve(reader);
    }).once('error', fail);
  });

export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await systemClock.sleep(5);
};

export const never = (over: AbortSignal): Promise<void> => systemClock.sleep(60_000, over);

/** Pieces that stand by themselves, and then silence. */
export const endlessly = (more: Partial<StreamedBody> = {}): StreamedBody => ({
  type: 'text/event-stream',
  endless: true,
  async *pieces(over) {
    yield 'one ';
    await never(over);
  },
  ...more,
});

export const broken = (more: Partial<StreamedBody> = {}): StreamedBody => {
  const { pieces } = endlessly();
  return { type: 'application/x-ndjson', pieces, ...more };
};
