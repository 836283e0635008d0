import type { Random } from '../kernel/random.ts';
import type { KeyIds, KeyRing, SubjectKey } from './key-ring.ts';

/** Keys that end with the process; same promises as the table's. */
export class MemoryKeyRing implements KeyRing, KeyIds {
  readonly #keys = new Map<string, SubjectKey | 'destroyed'>();
  readonly #ids = new Map<string, string>();
  readonly #random: Random;

  constructor({ random }: { random: Random }) {
    this.#random = random;
  }

  ensure(subject: string): Promise<SubjectKey | 'destroyed'> {
    const key = this.#keys.get(subject) ?? { keyId: this.#random.uuid(), key: this.#random.bytes(32) };
    this.#keys.set(subject, key);
    if (key !== 'destroyed') this.#ids.set(subject, key.keyId);
    return Promise.resolve(key);
  }

  async ensureMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed'>> {
    const made = new Map<string, SubjectKey | 'destroyed'>();
    for (const subject of subjects) made.set(subject, await this.ensure(subject));
    return made;
  }

  find(subject: string): Promise<SubjectKey | 'destroyed' | 'missing'> {
    return Promise.resolve(this.#keys.get(subject) ?? 'missing');
  }

  findMany(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey | 'destroyed' | 'missing'>> {
    return Promise.resolve(new Map(subjects.map((subject) => [subject, this.#keys.get(subject) ?? 'missing'])));
  }

  keyIdOf(subject: string): Promise<string | null> {
    return Promise.resolve(this.#ids.get(subject) ?? null);
  }

  destroy(subject: string): Promise<void> {
    this.#keys.set(subject, 'destroyed');
    return Promise.resolve();
  }
}
