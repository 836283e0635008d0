import type pg from 'pg';
import { StoreUnavailable } from '../event-log/errors.ts';
import type { PictureName, PictureStore, StoredPicture } from './picture-store.ts';

/** Names in one page. */
const PAGE = 1_000;

const STORED = `select owner, id, (extract(epoch from now() - stored_at) * 1000)::float8 as age from pictures.pictures`;

const PUT = `
  insert into pictures.pictures (owner, id, sealed) values ($1, $2, $3)
  on conflict (owner, id) do update set sealed = excluded.sealed, stored_at = now()`;

const NEXT = `
  ${STORED}
  where (owner, id) > ($1, $2) and ($3::float8 is null or stored_at >= now() - make_interval(secs => $3 / 1000))
  order by owner, id limit ${String(PAGE)}`;

const REMOVE = `
  delete from pictures.pictures p using unnest($1::uuid[], $2::uuid[]) as gone (owner, id)
  where p.owner = gone.owner and p.id = gone.id`;

const LOWEST = '00000000-0000-0000-0000-000000000000';

/** Pictures in the table `pictures.pictures`, which belongs in the ordinary backup. */
export class PostgresPictureStore implements PictureStore {
  readonly #pool: pg.Pool;

  /** The pool's connections must commit synchronously: a picture is durable before the event that names it. */
  constructor({ pool }: { readonly pool: pg.Pool }) {
    this.#pool = pool;
  }

  async put({ owner, id }: PictureName, sealed: Buffer): Promise<void> {
    await this.#query(PUT, [owner, id, sealed]);
  }

  async get({ owner, id }: PictureName): Promise<Buffer | null> {
    const text = 'select sealed from pictures.pictures where owner = $1 and id = $2';
    return (await this.#query<{ sealed: Buffer }>(text, [owner, id]))[0]?.sealed ?? null;
  }

  async remove(names: readonly PictureName[]): Promise<void> {
    if (names.length === 0) return;
    await this.#query(REMOVE, [names.map(({ owner }) => owner), names.map(({ id }) => id)]);
  }

  of(owner: string): Promise<readonly StoredPicture[]> {
    return this.#query<StoredPicture>(`${STORED} where owner = $1`, [owner]);
  }

  async *all(within?: number): AsyncIterable<readonly StoredPicture[]> {
    for (let last: PictureName = { owner: LOWEST, id: LOWEST }; ;) {
      const page: readonly StoredPicture[] = await this.#query(NEXT, [last.owner, last.id, within ?? null]);
      const end = page.at(-1);
      if (end === undefined) return;
      yield page;
      last = end;
    }
  }

  async #query<Row extends object>(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#pool.query<Row>(text, values)).rows;
    } catch (cause) {
      throw new StoreUnavailable('The pictures cannot be reached', { cause });
    }
  }
}
