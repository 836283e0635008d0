import type { Heard, Send } from './client.ts';

export interface LagOptions {
  readonly send: Send;
  /** Whose names are changed, in turn. */
  readonly people: readonly string[];
  readonly seconds: number;
  /** Writes a second. */
  readonly rate: number;
  /** ms between an answer and the next question of the reader. */
  readonly pause: number;
}

/** A write that was acknowledged, and where it stands. */
interface Write {
  readonly id: string;
  readonly position: string;
  readonly revision: number;
  readonly acknowledgedAt: number;
  /** ms from the moment at which it was due. */
  readonly took: number;
}

export interface LagMeasured {
  /** ms from each acknowledgement to the first answer that shows it. */
  readonly lags: readonly number[];
  readonly acknowledgements: readonly number[];
  /** ms between two answers of the reader: what the lags are exact to. */
  readonly looks: readonly number[];
  readonly refused: number;
  /** Answers whose position said that a write is in, and whose row did not have it. */
  readonly untrue: number;
  /** Writes that no answer showed within the time after the last one. */
  readonly unseen: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Most that the last writes get to be seen, in ms. */
const AFTER = 10_000;

/** A `Consistency-Token` is authenticated and not secret: it says where the command's event stands. */
const placeOf = ({ headers }: Heard): { readonly position: string; readonly revision: number } => {
  const content = String(headers['consistency-token']).split('.')[1] ?? '';
  const [, position, , revision] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [0, string, 0, number];
  return { position, revision };
};

const revisionOf = ({ headers }: Heard): number => Number(/\d+/.exec(String(headers['etag']))?.[0] ?? NaN);

/**
 * Writes at a steady rate, whether or not earlier writes were answered, while one reader asks again and again for the
 * person of the newest write. `Projection-Position` and row of an answer are of one snapshot, so the first answer whose
 * position has reached a write shows it. That the row does is checked where the answer is about that person.
 */
export const measureLag = async ({ send, people, seconds, rate, pause }: LagOptions): Promise<LagMeasured> => {
  const writes: Write[] = [];
  const seen: { readonly position: string; readonly at: number }[] = [];
  const looks: number[] = [];
  let [refused, untrue, open, isOver] = [0, 0, 0, false];

  const write = async (n: number, due: number): Promise<void> => {
    const id = people[n % people.length] ?? '';
    open += 1;
    try {
      const heard = await send('PATCH', `/users/${id}`, { name: `Name ${String(n)}` });
      if (heard.status !== 200) throw new Error(heard.body);
      writes.push({ id, ...placeOf(heard), acknowledgedAt: heard.at, took: heard.at - due });
    } catch {
      refused += 1;
    } finally {
      open -= 1;
    }
  };
  const read = async (): Promise<void> => {
    let last = performance.now();
    while (!isOver) {
      const newest = writes.at(-1);
      const heard = await send('GET', `/users/${newest?.id ?? people[0] ?? ''}?fields=id`);
      looks.push(heard.at - last);
      last = heard.at;
      const position = String(heard.headers['projection-position'] ?? '');
      if (heard.status === 200 && position > (seen.at(-1)?.position ?? '')) seen.push({ position, at: heard.at });
      if (newest && position >= newest.position && !(revisionOf(heard) >= newest.revision)) untrue += 1;
      await sleep(pause);
    }
  };
  const reading = read();
  const begun = performance.now();
  for (let n = 0; n < seconds * rate; n += 1) {
    const due = begun + (n * 1_000) / rate;
    const early = due - performance.now();
    if (early > 0) await sleep(early);
    void write(n, due);
  }
  const allSeen = (): boolean => writes.every(({ position }) => position <= (seen.at(-1)?.position ?? ''));
  for (const end = performance.now() + AFTER; performance.now() < end && (open > 0 || !allSeen());) await sleep(5);
  isOver = true;
  await reading;

  const shown = writes.map(({ position, acknowledgedAt }) => {
    const first = seen.find((one) => one.position >= position);
    return first === undefined ? null : Math.max(0, first.at - acknowledgedAt);
  });
  const lags = shown.filter((lag) => lag !== null);
  const acknowledgements = writes.map(({ took }) => took);
  return { lags, acknowledgements, looks, refused: refused + open, untrue, unseen: shown.length - lags.length };
};
