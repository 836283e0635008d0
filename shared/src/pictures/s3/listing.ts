import type { PictureName } from '../picture-store.ts';

/** One page of `ListObjectsV2`. */
export interface Listing {
  readonly entries: readonly (PictureName & { /** ms since 1970 */ readonly storedAt: number })[];
  /** What asks for the next page; null on the last. */
  readonly next: string | null;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

const textOf = (xml: string, element: string): string | null =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? null;

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/**
 * Reads the XML of a listing. Our keys hold nothing that XML escapes, so that a pattern does; what is not ours in the
 * bucket is passed over.
 */
export const readListing = (xml: string, prefix: string): Listing => {
  const key = new RegExp(`^(${UUID})/(${UUID})$`);
  const entries = [...xml.matchAll(/<Contents>([^]*?)<\/Contents>/g)].flatMap(([, content = '']) => {
    const full = textOf(content, 'Key') ?? '';
    const [, owner, id] = key.exec(full.startsWith(prefix) ? full.slice(prefix.length) : '') ?? [];
    const storedAt = Date.parse(textOf(content, 'LastModified') ?? '');
    return owner === undefined || id === undefined || Number.isNaN(storedAt) ? [] : [{ owner, id, storedAt }];
  });
  const next = textOf(xml, 'NextContinuationToken');
  return { entries, next: textOf(xml, 'IsTruncated') === 'true' && next !== null ? unescaped(next) : null };
};
