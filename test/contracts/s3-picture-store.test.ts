import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { pictureStoreUrl, type S3Bucket } from '@rollbook/shared/pictures/picture-store-url';
import { S3PictureStore } from '@rollbook/shared/pictures/s3/s3-picture-store';
import { pictureStoreContract } from './picture-store.contract.ts';

const url = process.env['PICTURE_TEST_S3_URL'];

if (url === undefined || url === '')
  describe('Pictures in S3', () => {
    test.skip('not run: PICTURE_TEST_S3_URL names no bucket (s3://KEY:SECRET@host:port/bucket?tls=false)', () =>
      undefined);
  });
else {
  const bucket = pictureStoreUrl().parse(url);
  const storeIn = (change: Partial<S3Bucket> = {}) => new S3PictureStore({ bucket: { ...bucket, ...change }, clock });

  pictureStoreContract('S3', () => {
    // A folder of its own for this run.
    const prefix = `${bucket.prefix}${randomUUID()}/`;
    return Promise.resolve({ open: () => storeIn({ prefix }), end: () => Promise.resolve() });
  });

  describe('A bucket that is not to be had', () => {
    const name = { owner: randomUUID(), id: randomUUID() };

    test.each([
      ['a wrong secret', { secretAccessKey: 'another-secret' }],
      ['a bucket that is not there', { bucket: `none-${randomUUID()}` }],
      ['a server that is away', { endpoint: 'http://127.0.0.1:9' }],
    ])('%s: every call says that the store is unavailable, and none that there is no picture', async (_why, change) => {
      const store = storeIn(change);
      const unavailable = { name: 'StoreUnavailable' };
      await expect(store.get(name)).rejects.toMatchObject(unavailable);
      await expect(store.put(name, Buffer.from('sealed'))).rejects.toMatchObject(unavailable);
      await expect(store.remove([name])).rejects.toMatchObject(unavailable);
      await expect(store.of(name.owner)).rejects.toMatchObject(unavailable);
    });
  });
}
