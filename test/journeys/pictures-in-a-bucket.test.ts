import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { pictureStoreUrl } from '@rollbook/shared/pictures/picture-store-url';
import { S3PictureStore } from '@rollbook/shared/pictures/s3/s3-picture-store';
import sharp from 'sharp';
import { call } from '../support/client.ts';
import { journeyOn, query } from '../support/journey.ts';
import { including, picturesAt, untilCount } from '../support/picture-client.ts';
import { picture } from '../support/pictures.ts';
import { startRollbook } from '../support/rollbook.ts';

const url = process.env['PICTURE_TEST_S3_URL'];
const runs = url !== undefined && url !== '';

(runs ? describe : describe.skip)('With a bucket in the place of the table (PICTURE_TEST_S3_URL)', () => {
  test('a picture is set, seen, replaced and gone with its owner, and the table stays empty', async () => {
    const bucket = new URL(url ?? '');
    bucket.pathname += `/${randomUUID()}`;
    const rollbook = await startRollbook({ PICTURE_STORE_URL: bucket.href });
    try {
      const { put, see } = picturesAt(rollbook.url);
      const on = journeyOn(rollbook);
      const { body } = await on.member('shown');
      const [id, token] = [String(body.user.id), String(body.access_token)];
      for (const size of [20, 30]) {
        const set = await put(token, id, await picture(size).png().toBuffer());
        expect(set.status).toBe(200);
        const seen = await see(token, id, including(set));
        expect([seen.status, (await sharp(seen.bytes).metadata()).width]).toEqual([200, size]);
      }
      const store = new S3PictureStore({ bucket: pictureStoreUrl().parse(bucket.href), clock });
      const stored = async (): Promise<number> => (await store.of(id)).length;
      await untilCount(stored, 1);
      expect(await query(rollbook, 'select 1 from pictures.pictures')).toEqual([]);
      await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: await on.admin() });
      await untilCount(stored, 0);
    } finally {
      await rollbook.stop();
    }
  });
});
