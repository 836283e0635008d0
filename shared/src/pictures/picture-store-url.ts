import { setting, type ParsedSetting, type Setting } from '../process/config.ts';

/** A bucket of S3 or of a server that speaks its protocol. */
export interface S3Bucket {
  /** `https://host` or `http://host:port`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Stands before every key; empty, or with a `/` at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const FORM = 's3://KEY:SECRET@host/bucket?region=eu-central-1 (tls=false for plain http)';

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

/** Reads a bucket's URL. */
export const parseS3Url = (text: string): ParsedSetting<S3Bucket> => {
  if (!/^s3:\/\//i.test(text)) return { problem: 'its scheme is another one' };
  const url = URL.parse(text);
  if (!url?.hostname) return { problem: 'it is not a valid URL' };
  const [, bucket = '', ...folders] = url.pathname.replace(/\/+$/, '').split('/');
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket)) return { problem: 'it names no bucket' };
  if (!folders.every((folder) => /^[\w.-]+$/.test(folder)))
    return { problem: 'its path is more than bucket and folders' };
  const unknown = [...url.searchParams.keys()].some((name) => name !== 'region' && name !== 'tls');
  if (unknown || url.hash) return { problem: 'it has parameters that are not known' };
  const tls = url.searchParams.get('tls') ?? 'true';
  if (tls !== 'true' && tls !== 'false') return { problem: 'tls is neither true nor false' };
  const region = url.searchParams.get('region') ?? 'us-east-1';
  if (!/^[a-z0-9-]{1,40}$/.test(region)) return { problem: 'its region is not one' };
  const [accessKeyId, secretAccessKey] = [decoded(url.username), decoded(url.password)];
  if (!accessKeyId || !secretAccessKey) return { problem: 'it lacks the key or the secret, each percent-encoded' };
  const prefix = folders.map((folder) => `${folder}/`).join('');
  return {
    value: {
      endpoint: `${tls === 'true' ? 'https' : 'http'}://${url.host}`,
      bucket,
      prefix,
      region,
      accessKeyId,
      secretAccessKey,
    },
  };
};

/** `PICTURE_STORE_URL`: where pictures are kept when not in PostgreSQL. */
export const pictureStoreUrl = (): Setting<S3Bucket> =>
  setting(`a URL ${FORM}`, parseS3Url).describe(
    'A bucket for pictures, in the place of PostgreSQL: [operations](operations.md#pictures).',
  );
