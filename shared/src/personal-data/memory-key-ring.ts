import type { Random } from '../kernel/random.ts';
import type { KeyRing, SubjectKey } from './key-ring.ts';

/** Keys that end with the process; same promises as the table's. */
export class MemoryKeyRing implements KeyRing {
  readonly #keys = new Map<string, SubjectKey | 'destroyed'>();
  readonly #random: Random;

  constructor({ random }: { random: Random }) {
    this.#random = random;
  }

  ensure(subject: string): Promise<SubjectKey | 'destroyed'> {
    const key = this.#keys.get(subject) ?? { keyId: this.#random.uuid(), key: this.#random.bytes(32) };
    this.#keys.set(subject, key);
    return Promise.resolve(key);
  }

  find(subject: string): Promise<SubjectKey | 'destroyed' | 'missing'> {
    return Promise.resolve(this.#keys.get(subject) ?? 'missing');
  }

  findMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed' | 'missing'>> {
    return Promise.resolve(new Map(subjects.map((subject) => [subject, this.#keys.get(subject) ?? 'missing'])));
  }

  destroy(subject: string): Promise<void> {
    this.#keys.set(subject, 'destroyed');
    return Promise.resolve();
  }
}
