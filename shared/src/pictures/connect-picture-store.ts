import type { Clock } from '../kernel/clock.ts';
import type { Pool } from '../sql/pool.ts';
import type { PictureStore } from './picture-store.ts';
import type { S3Bucket } from './picture-store-url.ts';

export interface PictureStoreSettings {
  /** `PICTURE_STORE_URL`; undefined: the table beside the others. */
  readonly bucket: S3Bucket | undefined;
  readonly pool: Pool;
  readonly clock: Clock;
}

/** The picture store that the settings name; what one of them needs is loaded only when it is chosen. */
export const connectPictureStore = async ({ bucket, pool, clock }: PictureStoreSettings): Promise<PictureStore> => {
  if (bucket !== undefined) {
    const { S3PictureStore } = await import('./s3/s3-picture-store.ts');
    return new S3PictureStore({ bucket, clock });
  }
  const { PostgresPictureStore } = await import('./postgres-picture-store.ts');
  return new PostgresPictureStore({ pool });
};
