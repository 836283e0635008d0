import type { Clock } from '../kernel/clock.ts';
import { forgetOldest } from '../kernel/forget-oldest.ts';
import type { KeyRing, SubjectKey } from './key-ring.ts';

/** How long (ms) a key is remembered. A key destroyed elsewhere has to be forgotten here within 1 s: the rest is slack. */
const LIFE = 900;
/** Most subjects remembered. */
const CAPACITY = 10_000;

interface Entry {
  readonly key: SubjectKey;
  /** When it was asked for, in ms since 1970: the answer is as old as the question. */
  readonly asked: number;
}

/**
 * Remembers keys for a moment, so that a burst of events of one person asks once. A destroyed key goes at once here,
 * and everywhere else within a second, whether or not it is asked for again. That there is no key is never remembered.
 */
export class CachedKeyRing implements KeyRing {
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #life: number;
  readonly #capacity: number;
  /** In the order in which they were asked for, oldest first. */
  readonly #entries = new Map<string, Entry>();
  /** Counts destructions, so that an answer that was on its way meanwhile is not remembered. */
  #destructions = 0;
  #sweeping = false;
  readonly #closing = new AbortController();

  constructor({
    ring,
    clock,
    life = LIFE,
    capacity = CAPACITY,
  }: {
    ring: KeyRing;
    clock: Clock;
    life?: number;
    capacity?: number;
  }) {
    this.#ring = ring;
    this.#clock = clock;
    this.#life = life;
    this.#capacity = capacity;
  }

  /** Forgets everything, now; nothing is remembered from here on. */
  close(): void {
    this.#closing.abort();
    this.#entries.clear();
  }

  /** Subjects remembered now. */
  get size(): number {
    return this.#entries.size;
  }

  async ensure(subject: string): Promise<SubjectKey | 'destroyed'> {
    return this.#recall(subject) ?? this.#remembering(subject, () => this.#ring.ensure(subject));
  }

  async ensureMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed'>> {
    return this.#recallMany(subjects, (unknown) => this.#ring.ensureMany(unknown));
  }

  async find(subject: string): Promise<SubjectKey | 'destroyed' | 'missing'> {
    return this.#recall(subject) ?? this.#remembering(subject, () => this.#ring.find(subject));
  }

  async findMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed' | 'missing'>> {
    return this.#recallMany(subjects, (unknown) => this.#ring.findMany(unknown));
  }

  async destroy(subject: string, position: string | null): Promise<void> {
    this.#forget(subject);
    await this.#ring.destroy(subject, position);
    this.#forget(subject);
  }

  #forget(subject: string): void {
    this.#destructions += 1;
    this.#entries.delete(subject);
  }

  #recall(subject: string): SubjectKey | undefined {
    const entry = this.#entries.get(subject);
    return entry && this.#clock.now() - entry.asked < this.#life ? entry.key : undefined;
  }

  async #remembering<Answer extends SubjectKey | 'destroyed' | 'missing'>(
    subject: string,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const asked = this.#clock.now();
    const destructions = this.#destructions;
    const key = await ask();
    this.#remember(subject, key, asked, destructions);
    return key;
  }

  async #recallMany<Answer extends SubjectKey | 'destroyed' | 'missing'>(
    subjects: readonly string[],
    ask: (unknown: readonly string[]) => Promise<ReadonlyMap<string, Answer>>,
  ): Promise<ReadonlyMap<string, Answer | SubjectKey>> {
    const found = new Map<string, Answer | SubjectKey>();
    const unknown: string[] = [];
    for (const subject of subjects) {
      const key = this.#recall(subject);
      if (key) found.set(subject, key);
      else unknown.push(subject);
    }
    if (unknown.length === 0) return found;
    const asked = this.#clock.now();
    const destructions = this.#destructions;
    for (const [subject, key] of await ask(unknown)) {
      found.set(subject, key);
      this.#remember(subject, key, asked, destructions);
    }
    return found;
  }

  #remember(subject: string, key: SubjectKey | 'destroyed' | 'missing', asked: number, destructions: number): void {
    if (typeof key === 'string' || destructions !== this.#destructions || this.#closing.signal.aborted) return;
    this.#entries.delete(subject);
    this.#entries.set(subject, { key, asked });
    forgetOldest(this.#entries, this.#capacity);
    void this.#sweep();
  }

  /** Forgets keys whose time is up also when nobody asks: a key must not lie in memory for longer. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    while (this.#entries.size > 0) {
      const [oldest] = this.#entries.values();
      await this.#clock.sleep(Math.max(1, (oldest?.asked ?? 0) + this.#life - this.#clock.now()), this.#closing.signal);
      const now = this.#clock.now();
      for (const [subject, { asked }] of this.#entries) if (now - asked >= this.#life) this.#entries.delete(subject);
    }
    this.#sweeping = false;
  }
}
