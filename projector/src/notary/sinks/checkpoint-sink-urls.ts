import { fileURLToPath } from 'node:url';
import { parseS3Url, type S3Bucket } from '@rollbook/shared/pictures/picture-store-url';
import { setting, type ParsedSetting, type Setting } from '@rollbook/shared/process/config';

/** One place of `CHECKPOINT_SINK`. */
export type SinkUrl =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'https'; readonly url: string; readonly authorization: string | null }
  | { readonly kind: 's3'; readonly bucket: S3Bucket };

const FORM =
  'a list of file:///path/to/file, file:///path/to/folder/, https://host/path or s3://KEY:SECRET@host/bucket?region=…';

const isLoopback = ({ hostname }: URL): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

const parseFile = (url: URL): ParsedSetting<SinkUrl> => {
  if (url.search || url.hash || url.host) return { problem: 'a file has a path and nothing else' };
  try {
    const path = fileURLToPath(url);
    return { value: { kind: path.endsWith('/') ? 'folder' : 'file', path } };
  } catch {
    return { problem: 'its file is not a path' };
  }
};

const parseHttps = (url: URL): ParsedSetting<SinkUrl> => {
  const words = [url.username, url.password];
  const authorization = words.join('') === '' ? null : words.map(decodeURIComponent).join(':');
  url.username = '';
  url.password = '';
  url.hash = '';
  const header = authorization === null ? null : `Basic ${Buffer.from(authorization).toString('base64')}`;
  return { value: { kind: 'https', url: url.href, authorization: header } };
};

const parseOne = (text: string): ParsedSetting<SinkUrl> => {
  const url = URL.parse(text);
  if (!url) return { problem: 'one of them is not a valid URL' };
  if (url.protocol === 'file:') return parseFile(url);
  // Plain http only to a helper on the same machine.
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return parseHttps(url);
  if (url.protocol !== 's3:') return { problem: 'the scheme of one is another' };
  const bucket = parseS3Url(text);
  return 'problem' in bucket ? bucket : { value: { kind: 's3', bucket: bucket.value } };
};

const parse = (text: string): ParsedSetting<readonly SinkUrl[]> => {
  const urls: SinkUrl[] = [];
  for (const part of text.split(',')) {
    const parsed = parseOne(part.trim());
    if ('problem' in parsed) return parsed;
    urls.push(parsed.value);
  }
  return { value: urls };
};

/** `CHECKPOINT_SINK`: where checkpoints are pushed to. A comma inside a URL is written %2C. */
export const checkpointSinkUrls = (): Setting<readonly SinkUrl[]> => setting(FORM, parse);
