import { AwsClient } from 'aws4fetch';
import { StoreUnavailable } from '../../event-log/errors.ts';
import { SECOND, type Clock } from '../../kernel/clock.ts';
import { sha256 } from '../../kernel/digest.ts';
import type { PictureName, PictureStore, StoredPicture } from '../picture-store.ts';
import type { S3Bucket } from '../picture-store-url.ts';
import { readListing } from './listing.ts';

/** ms for one request with its repeats. */
const LONGEST = 10 * SECOND;
/** Requests that are sent again when the server says that it cannot now. */
const RETRIES = 2;
/** Deletions under way at once. */
const AT_ONCE = 8;
/** Objects in one page of a listing, S3's most. */
const PAGE = '1000';

interface Sent {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/**
 * Pictures as objects `<prefix><owner>/<id>` in a bucket, addressed by path, which S3 and every server that speaks its
 * protocol understand. The age of an object is the difference of its server's clock and ours.
 */
export class S3PictureStore implements PictureStore {
  readonly #bucket: S3Bucket;
  readonly #clock: Clock;
  readonly #client: AwsClient;

  constructor({ bucket, clock }: { readonly bucket: S3Bucket; readonly clock: Clock }) {
    const { accessKeyId, secretAccessKey, region } = bucket;
    this.#bucket = bucket;
    this.#clock = clock;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES });
  }

  async put(name: PictureName, sealed: Buffer): Promise<void> {
    const put = await this.#send({ method: 'PUT', path: this.#keyOf(name), body: sealed });
    if (put === null) throw new StoreUnavailable('The picture store has no place for a picture');
  }

  async get(name: PictureName): Promise<Buffer | null> {
    return this.#send({ method: 'GET', path: this.#keyOf(name) });
  }

  async remove(names: readonly PictureName[]): Promise<void> {
    for (let first = 0; first < names.length; first += AT_ONCE)
      await Promise.all(
        names.slice(first, first + AT_ONCE).map((name) => this.#send({ method: 'DELETE', path: this.#keyOf(name) })),
      );
  }

  async of(owner: string): Promise<readonly StoredPicture[]> {
    const found: StoredPicture[] = [];
    for await (const page of this.#list(`${this.#bucket.prefix}${owner}/`)) found.push(...page);
    return found;
  }

  async *all(within = Infinity): AsyncIterable<readonly StoredPicture[]> {
    for await (const page of this.#list(this.#bucket.prefix)) {
      const young = page.filter(({ age }) => age <= within);
      if (young.length > 0) yield young;
    }
  }

  async *#list(prefix: string): AsyncIterable<readonly StoredPicture[]> {
    for (let token: string | null = null; ;) {
      const query = {
        'list-type': '2',
        'max-keys': PAGE,
        prefix,
        ...(token === null ? {} : { 'continuation-token': token }),
      };
      const xml = await this.#send({ method: 'GET', path: '', query });
      if (xml === null) throw new StoreUnavailable('The picture store has no bucket of this name');
      const { entries, next } = readListing(xml.toString('utf8'), this.#bucket.prefix);
      yield entries.map(({ owner, id, storedAt }) => ({ owner, id, age: this.#clock.now() - storedAt }));
      if (next === null) return;
      token = next;
    }
  }

  #keyOf({ owner, id }: PictureName): string {
    return `/${this.#bucket.prefix}${owner}/${id}`;
  }

  /** The answer's body; null where there is no such object. */
  async #send({ method, path, query = {}, body }: Sent): Promise<Buffer | null> {
    const { endpoint, bucket } = this.#bucket;
    const search = new URLSearchParams(query).toString();
    const url = `${endpoint}/${bucket}${path}${search === '' ? '' : `?${search}`}`;
    let response: Response;
    let answer: Buffer;
    try {
      response = await this.#client.fetch(url, {
        method,
        // The body is signed too, so that nothing on the way can exchange it, with or without TLS.
        headers: { 'X-Amz-Content-Sha256': sha256(body ?? '').toString('hex') },
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
        signal: AbortSignal.timeout(LONGEST),
        redirect: 'error',
      });
      answer = Buffer.from(await response.arrayBuffer());
    } catch (cause) {
      throw new StoreUnavailable('The picture store cannot be reached', { cause });
    }
    if (response.ok) return answer;
    const code = /<Code>(\w{1,60})<\/Code>/.exec(answer.toString('utf8'))?.[1] ?? 'no code';
    if (response.status === 404 && code !== 'NoSuchBucket') return null;
    throw new StoreUnavailable(`The picture store answered ${String(response.status)} (${code}) to ${method}`);
  }
}
