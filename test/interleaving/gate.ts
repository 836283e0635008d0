import { createHash } from 'node:crypto';
import { OutcomeUnknown } from '@rollbook/shared/event-log/errors';
import type { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { Append, AppendResult, EventStore, ReadStreamOptions } from '@rollbook/shared/event-log/port';
import type { StoredEvent, UnplacedEvent } from '@rollbook/shared/event-log/event';

/** What the scheduler may do with an append that waits at the gate; a read only ever runs. */
export type Passage =
  /** As it should be. */
  | 'run'
  /** Written, but nobody hears of it: the outcome is unknown. */
  | 'lose'
  /** Not written, and the outcome is unknown. */
  | 'drop'
  /** Written, and answered as a repeat, as after a retry of the adapter. */
  | 'repeat';

interface Waiting {
  readonly what: string;
  readonly isAppend: boolean;
  pass(passage: Passage): Promise<void>;
}

const digest = (...parts: readonly string[]): string => createHash('sha1').update(parts.join('\u0000')).digest('hex');

/**
 * The log as one execution of one command sees it. Every access stops at the gate until the scheduler lets it pass, so
 * the scheduler decides the whole order. Remembers what the execution has seen: a deterministic program with the same
 * observations is in the same state.
 */
export class Gate {
  readonly #store: MemoryEventStore;
  readonly #now: () => number;
  readonly #onWritten: (append: Append) => void;
  readonly waiting: Waiting[] = [];
  /** Digest of all observations so far. */
  seen = '';
  #closed = false;

  constructor(store: MemoryEventStore, now: () => number, onWritten: (append: Append) => void) {
    this.#store = store;
    this.#now = now;
    this.#onWritten = onWritten;
  }

  /** The execution is dead: nothing that waits is ever answered, nothing more is let in. */
  close(): void {
    this.#closed = true;
    this.waiting.length = 0;
  }

  get store(): EventStore {
    return {
      logId: () => this.#store.logId(),
      append: (append) => this.#append(append),
      appendMany: (appends) => Promise.all(appends.map((append) => this.#append(append))),
      read: (stream, options) => this.#read(stream, options),
      readAll: (options) => this.#store.readAll(options),
      end: () => this.#store.end(),
      follow: (options) => this.#store.follow(options),
      close: () => Promise.resolve(),
    };
  }

  #append(append: Append): Promise<AppendResult> {
    const what = `append ${append.stream}@${String(append.expectedRevision)} ${append.events.map(({ type }) => type).join('+')}`;
    return this.#wait(what, true, async (passage) => {
      if (passage === 'drop') throw new OutcomeUnknown('The request was lost');
      const result = await this.#store.append(append);
      if (result.outcome === 'stored') this.#onWritten(append);
      if (passage === 'lose') throw new OutcomeUnknown('The answer was lost');
      if (result.outcome === 'conflict') return result;
      // Its place in the whole log depends on what others wrote elsewhere, and no decision looks at it.
      return { ...result, outcome: passage === 'repeat' ? 'already-stored' : result.outcome };
    });
  }

  #read(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]> {
    return this.#wait(`read ${stream}`, false, () => this.#store.read(stream, options));
  }

  #wait<Result>(what: string, isAppend: boolean, act: (passage: Passage) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return;
      const pass = async (passage: Passage): Promise<void> => {
        try {
          const result = await act(passage);
          this.#note(
            what,
            Array.isArray(result)
              ? (result as StoredEvent[]).map(visible).join()
              : JSON.stringify({ ...result, position: null }),
          );
          resolve(result);
        } catch (fault) {
          this.#note(what, String(fault));
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(fault);
        }
      };
      this.waiting.push({ what, isAppend, pass });
    });
  }

  #note(what: string, result: string): void {
    this.seen = digest(this.seen, what, result, String(this.#now()));
  }
}

/** What a decision can see of an event. Nonces, and the hashes over them, differ from run to run; none looks at them. */
const visible = (event: UnplacedEvent): string => {
  const known = visibleOf.get(event);
  if (known !== undefined) return known;
  const { id, revision, recordedAt, data, metadata } = event;
  const text = JSON.stringify([id, revision, recordedAt, data, metadata.commandId]);
  visibleOf.set(event, text);
  return text;
};
const visibleOf = new WeakMap<UnplacedEvent, string>();
