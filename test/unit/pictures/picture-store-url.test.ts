import { describe, expect, test } from '@jest/globals';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';

describe('PICTURE_STORE_URL', () => {
  test('names server, bucket, folder, region and the key with its secret', () => {
    expect(
      pictureStoreUrl().parse('s3://KEY:a%2Fb%2Bc@s3.example.org/pictures/rollbook/live?region=eu-west-3'),
    ).toEqual({
      endpoint: 'https://s3.example.org',
      bucket: 'pictures',
      prefix: 'rollbook/live/',
      region: 'eu-west-3',
      accessKeyId: 'KEY',
      secretAccessKey: 'a/b+c',
    });
    expect(pictureStoreUrl().parse('s3://k:s@127.0.0.1:7070/pictures/?tls=false')).toEqual({
      endpoint: 'http://127.0.0.1:7070',
      bucket: 'pictures',
      prefix: '',
      region: 'us-east-1',
      accessKeyId: 'k',
      secretAccessKey: 's',
    });
    expect(pictureStoreUrl().parse('s3://k:s@host:80/pictures').endpoint).toBe('https://host:80');
  });

  test.each([
    ['https://k:s@host/bucket', 'its scheme is another one'],
    ['s3://', 'it is not a valid URL'],
    ['s3://k:s@host', 'it names no bucket'],
    ['s3://k:s@host/Bucket', 'it names no bucket'],
    ['s3://k:s@host/bucket/a%2Fb', 'its path is more than bucket and folders'],
    ['s3://host/bucket', 'it lacks the key or the secret, each percent-encoded'],
    ['s3://k@host/bucket', 'it lacks the key or the secret, each percent-encoded'],
    ['s3://k:%ZZ@host/bucket', 'it lacks the key or the secret, each percent-encoded'],
    ['s3://k:s@host/bucket?tls=maybe', 'tls is neither true nor false'],
    ['s3://k:s@host/bucket?region=EU', 'its region is not one'],
    ['s3://k:s@host/bucket?acl=public', 'it has parameters that are not known'],
    ['s3://k:s@host/bucket#x', 'it has parameters that are not known'],
  ])('%s is refused without a word of the secret: %s', (url, problem) => {
    const result = pictureStoreUrl().safeParse(url);
    expect(result.error?.issues.map(({ message }) => message)).toEqual([
      `must be a URL s3://KEY:SECRET@host/bucket?region=eu-central-1 (tls=false for plain http): ${problem}`,
    ]);
  });
});
