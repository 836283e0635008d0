import type { Clock } from '../kernel/clock.ts';
import type { PictureName, PictureStore, StoredPicture } from './picture-store.ts';

interface Kept extends PictureName {
  readonly sealed: Buffer;
  readonly at: number;
}

const keyOf = ({ owner, id }: PictureName): string => `${owner}/${id}`;

/** Pictures that end with the process; same promises as the other stores'. */
export class MemoryPictureStore implements PictureStore {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  put({ owner, id }: PictureName, sealed: Buffer): Promise<void> {
    this.#kept.set(keyOf({ owner, id }), { owner, id, sealed: Buffer.from(sealed), at: this.#clock.now() });
    return Promise.resolve();
  }

  get(name: PictureName): Promise<Buffer | null> {
    return Promise.resolve(this.#kept.get(keyOf(name))?.sealed ?? null);
  }

  remove(names: readonly PictureName[]): Promise<void> {
    for (const name of names) this.#kept.delete(keyOf(name));
    return Promise.resolve();
  }

  of(owner: string): Promise<readonly StoredPicture[]> {
    return Promise.resolve(this.#stored().filter((stored) => stored.owner === owner));
  }

  async *all(within = Infinity): AsyncIterable<readonly StoredPicture[]> {
    const page = this.#stored().filter(({ age }) => age <= within);
    if (page.length > 0) yield await Promise.resolve(page);
  }

  #stored(): readonly StoredPicture[] {
    return [...this.#kept.values()].map(({ owner, id, at }) => ({ owner, id, age: this.#clock.now() - at }));
  }
}
