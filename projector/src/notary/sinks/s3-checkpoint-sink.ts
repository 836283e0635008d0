import { AwsClient } from 'aws4fetch';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { sha256 } from '@rollbook/shared/kernel/digest';
import type { S3Bucket } from '@rollbook/shared/pictures/picture-store-url';
import { checkpointName, type CheckpointSink } from './checkpoint-sink.ts';

/** ms for one request. */
const LONGEST = 10 * SECOND;

/** An object `<prefix><size>.checkpoint` for each: the bucket's own lock or versions keep it from being changed. */
export const s3Sink = (bucket: S3Bucket): CheckpointSink => {
  const { accessKeyId, secretAccessKey, region, endpoint, prefix } = bucket;
  // Whoever pushes tries again by itself.
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  const folder = `${endpoint}/${bucket.bucket}/${prefix}`;
  return {
    name: `s3:${folder}`,
    async push(checkpoint, signal) {
      const response = await client.fetch(`${folder}${checkpointName(checkpoint)}`, {
        method: 'PUT',
        headers: {
          'Content-Type': 'text/plain; charset=utf-8',
          'X-Amz-Content-Sha256': sha256(checkpoint.note).toString('hex'),
        },
        body: checkpoint.note,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`It answered ${String(response.status)}`);
    },
  };
};
