import { Agent, request } from 'node:http';

export interface Person {
  readonly id: string;
  readonly username: string;
}

export interface ReadersOptions {
  readonly url: string;
  readonly token: string;
  readonly people: readonly Person[];
  readonly readers: number;
}

/** What the readers met. */
export interface Readings {
  reads: number;
  /** Another status than 200, or no answer. */
  failed: number;
  /** Another person than asked for, a page in the wrong order, or a position before that of the answer before. */
  wrong: number;
  readonly ms: number[];
  /** The first few faults, in words. */
  readonly examples: string[];
}

interface Page {
  readonly data: readonly { readonly id: string; readonly username: string; readonly created_at: string }[];
}

/** Reads on so many kept-alive connections, one request after the other on each, until the signal. */
export const readUntil = async (options: ReadersOptions, signal: AbortSignal): Promise<Readings> => {
  const readings: Readings = { reads: 0, failed: 0, wrong: 0, ms: [], examples: [] };
  await Promise.all(Array.from({ length: options.readers }, (_none, n) => readOn(options, n, readings, signal)));
  return readings;
};

const readOn = async (
  { url, token, people }: ReadersOptions,
  n: number,
  readings: Readings,
  signal: AbortSignal,
): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const fault = (kind: 'failed' | 'wrong', what: string): void => {
    readings[kind] += 1;
    if (readings.examples.length < 5) readings.examples.push(`${kind}: ${what}`);
  };
  let last = '';
  for (let turn = n; !signal.aborted; turn += 1) {
    const person = people[(turn * 7_919) % people.length]!;
    const isList = turn % 2 === 1;
    const path = isList ? '/users?page_size=20&sort_by=created_at&order=desc' : `/users/${person.id}`;
    const began = performance.now();
    const answer = await get(agent, `${url}/v1${path}`, token).catch((cause: unknown) => String(cause));
    readings.reads += 1;
    readings.ms.push(performance.now() - began);
    if (typeof answer === 'string') fault('failed', answer);
    else if (answer.status !== 200) fault('failed', `${String(answer.status)} ${path} ${answer.body.slice(0, 200)}`);
    else {
      const body = JSON.parse(answer.body) as Page & Person;
      const times = isList ? body.data.map(({ created_at }) => created_at) : [];
      const isRight = isList
        ? times.length === 20 && times.every((time, at) => at === 0 || time <= times[at - 1]!)
        : body.id === person.id && body.username === person.username;
      if (!isRight) fault('wrong', path);
      if (answer.position < last) fault('wrong', `position ${answer.position} after ${last}`);
      last = answer.position;
    }
  }
  agent.destroy();
};

const get = (
  agent: Agent,
  url: string,
  token: string,
): Promise<{ readonly status: number; readonly position: string; readonly body: string }> =>
  new Promise((done, failed) => {
    const asked = request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => (body += part));
      answer.on('end', () => {
        done({ status: answer.statusCode ?? 0, position: String(answer.headers['projection-position']), body });
      });
      answer.on('error', failed);
    });
    asked.on('error', failed).end();
  });
