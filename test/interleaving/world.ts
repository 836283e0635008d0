import { createHash } from 'node:crypto';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { Append, EventStore } from '@rollbook/shared/event-log/port';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { Gate, type Passage } from './gate.ts';

/** 2026-01-01T00:00:00Z */
export const BEGINNING = Date.UTC(2026, 0, 1);

/** What one execution of a command works with. */
export interface Workplace {
  readonly log: EventLog;
  readonly keys: MemoryKeyRing;
  readonly clock: Clock;
  readonly random: Random;
}

/** One command of a scenario; `run` may be called several times (retries, duplicates), each an execution. */
export interface Process {
  readonly name: string;
  /** How often it is executed again after a stop or an unknown outcome. Default 1. */
  readonly retries?: number;
  run(workplace: Workplace): Promise<unknown>;
}

export interface Scenario {
  readonly name: string;
  readonly processes: readonly Process[];
  /** Faults that one schedule may have at most; each is tried at every step. */
  readonly stops?: number;
  readonly losses?: number;
  /** Jumps of the clock in ms; each may happen once, in this order, at every step. */
  readonly jumps?: readonly number[];
  /** Fills the log before the commands begin, without scheduling; `age` ms before they begin. */
  readonly age?: number;
  prepare?(workplace: Workplace): Promise<void>;
  /** Throws when a promise is broken. Called after every append. */
  always(workplace: Workplace, events: EventsByStream): void | Promise<void>;
  /** How long after the last step `finally` looks, ms. */
  readonly afterwards?: number;
  /** Throws when a promise is broken at the end; results are in the order of the processes. */
  finally?(workplace: Workplace, results: readonly Result[], events: EventsByStream): Promise<void>;
}

export type Result = { readonly answer: unknown } | { readonly fault: unknown } | 'stopped';
export type EventsByStream = ReadonlyMap<string, readonly { readonly id: string; readonly type: string }[]>;

interface Execution {
  gate: Gate;
  result: Result | null;
  retriesLeft: number;
  count: number;
}

/** One run of a scenario: the log, the clock and the executions, moved on by choices. */
export class World {
  readonly #scenario: Scenario;
  readonly #store: MemoryEventStore;
  readonly #keys: MemoryKeyRing;
  #now = BEGINNING;
  #stops: number;
  #losses: number;
  #jumps: readonly number[];
  #written = 0;
  readonly #streams = new Map<string, { id: string; type: string }[]>();
  readonly #digests = new Map<string, string>();
  readonly #executions: Execution[] = [];
  readonly #clock: Clock = { now: () => this.#now, sleep: () => Promise.resolve() };

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#store = new MemoryEventStore({ clock: this.#clock });
    this.#keys = new MemoryKeyRing({ random: systemRandom });
    this.#stops = scenario.stops ?? 0;
    this.#losses = scenario.losses ?? 0;
    this.#jumps = scenario.jumps ?? [];
  }

  async begin(): Promise<void> {
    await this.#scenario.prepare?.(this.#workplace(this.#recording(), 'prepare'));
    this.#now += this.#scenario.age ?? 0;
    for (const process of this.#scenario.processes)
      this.#executions.push({ ...this.#execute(process, 0), retriesLeft: process.retries ?? 1, count: 0 });
    await settled();
  }

  /** Everything that may happen next; empty when all is over. */
  choices(): readonly string[] {
    const choices: string[] = [];
    for (const [index, { gate, result, retriesLeft }] of this.#executions.entries()) {
      const next = gate.waiting[0];
      if (result === null && next) {
        choices.push(`run ${String(index)}`);
        if (next.isAppend && this.#losses > 0)
          choices.push(`lose ${String(index)}`, `drop ${String(index)}`, `repeat ${String(index)}`);
        // A stop before a read leaves what a stop after the access before it leaves.
        if (next.isAppend && this.#stops > 0) choices.push(`stop ${String(index)}`);
      } else if (retriesLeft > 0 && (result === 'stopped' || (result !== null && 'fault' in result)))
        choices.push(`again ${String(index)}`);
    }
    if (this.#jumps.length > 0 && choices.length > 0) choices.push('jump');
    return choices;
  }

  /** Makes one choice come true. Throws what `always` throws, unless this was looked at in another run. */
  async apply(choice: string, { looked = false } = {}): Promise<void> {
    const [verb = '', target = ''] = choice.split(' ');
    const before = this.#written;
    if (verb === 'jump') {
      this.#now += this.#jumps[0] ?? 0;
      this.#jumps = this.#jumps.slice(1);
      return;
    }
    const index = Number(target);
    const execution = this.#executions[index];
    const process = this.#scenario.processes[index];
    if (!execution || !process) throw new RangeError(choice);
    if (verb === 'again') {
      const count = execution.count + 1;
      this.#executions[index] = { ...this.#execute(process, count), retriesLeft: execution.retriesLeft - 1, count };
    } else if (verb === 'stop') {
      this.#stops -= 1;
      execution.gate.close();
      execution.result = 'stopped';
    } else {
      if (verb !== 'run') this.#losses -= 1;
      await execution.gate.waiting.shift()?.pass(verb as Passage);
    }
    await settled();
    if (this.#written > before && !looked)
      await this.#scenario.always(this.#workplace(this.#store, 'check'), this.#streams);
  }

  /** What the future depends on. Equal keys, equal futures. */
  key(): string {
    const hash = createHash('sha1');
    for (const stream of [...this.#digests.keys()].sort()) hash.update(`${stream}=${this.#digests.get(stream) ?? ''};`);
    // How an execution ended follows from what it has seen.
    for (const { gate, result, retriesLeft } of this.#executions)
      hash.update(
        `${gate.seen}|${result === null ? 'live' : 'over'}|${result === 'stopped' ? 'stopped' : ''}|${String(retriesLeft)};`,
      );
    return hash.update(`${String(this.#now)}|${String(this.#stops)}|${String(this.#losses)}`).digest('base64');
  }

  async finish(): Promise<void> {
    const results = this.#executions.map(({ result }) => result ?? 'stopped');
    this.#now += this.#scenario.afterwards ?? 0;
    await this.#scenario.finally?.(this.#workplace(this.#recording(), 'finally'), results, this.#streams);
  }

  #execute(process: Process, count: number): { gate: Gate; result: Result | null } {
    const gate = new Gate(
      this.#store,
      () => this.#now,
      (append) => {
        this.#note(append);
      },
    );
    const execution: { gate: Gate; result: Result | null } = { gate, result: null };
    const finished = (result: Result): void => {
      const now = this.#executions.find((candidate) => candidate.gate === gate);
      if (now) now.result ??= result;
      execution.result = result;
    };
    process.run(this.#workplace(gate.store, `${process.name}/${String(count)}`)).then(
      (answer) => {
        finished({ answer });
      },
      (fault: unknown) => {
        finished({ fault });
      },
    );
    return execution;
  }

  /** The plain store, with what is written to it noted too. */
  #recording(): EventStore {
    const store = this.#store;
    return {
      logId: () => store.logId(),
      append: async (append) => {
        const result = await store.append(append);
        if (result.outcome === 'stored') this.#note(append);
        return result;
      },
      appendMany: (appends) => store.appendMany(appends),
      read: (stream, options) => store.read(stream, options),
      readAll: (options) => store.readAll(options),
      end: () => store.end(),
      follow: (options) => store.follow(options),
      close: () => store.close(),
    };
  }

  #note({ stream, events }: Append): void {
    this.#written += 1;
    const known = this.#streams.get(stream) ?? [];
    known.push(...events.map(({ id, type }) => ({ id, type })));
    this.#streams.set(stream, known);
    const text = events.map(({ id, data, recordedAt }) => `${id}${JSON.stringify(data)}${recordedAt}`).join();
    const before = this.#digests.get(stream) ?? '';
    this.#digests.set(stream, createHash('sha1').update(before).update(text).digest('base64'));
  }

  #workplace(store: EventStore, name: string): Workplace {
    let drawn = 0;
    const random: Random = {
      bytes: (size) => systemRandom.bytes(size),
      // The same in every run, so that runs can be compared.
      uuid: () => derivedUuid('drawn', name, String((drawn += 1))),
      fraction: () => 0,
    };
    const { keys } = { keys: this.#keys };
    return { log: sealedEventLog({ store, keys, clock: this.#clock, random }), keys, clock: this.#clock, random };
  }
}

/** Resolves when nothing is left to do without the scheduler: handlers here wait for nothing but the log. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
