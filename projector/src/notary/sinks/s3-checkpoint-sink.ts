import { AwsClient } from 'aws4fetch';
import { SECOND } from '@rollbook/shared/kernel/clock';
import { sha256 } from '@rollbook/shared/kernel/digest';
import type { S3Bucket } from '@rollbook/shared/pictures/picture-store-url';
import { checkpointName, type CheckpointSink, type PublishedCheckpoint } from './checkpoint-sink.ts';

/** ms for one request. */
const LONGEST = 10 * SECOND;

/**
 * An object `<prefix><size>.checkpoint` for each. Another one of the same size is never written over; that others do not,
 * is for the bucket's own lock or versions.
 */
export const s3Sink = (bucket: S3Bucket): CheckpointSink => {
  const { accessKeyId, secretAccessKey, region, endpoint, prefix } = bucket;
  // Whoever pushes tries again by itself.
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  const folder = `${endpoint}/${bucket.bucket}/${prefix}`;
  const requireSame = async (checkpoint: PublishedCheckpoint, signal: AbortSignal): Promise<void> => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]);
    const there = await client.fetch(`${folder}${checkpointName(checkpoint)}`, { redirect: 'error', signal: until });
    const note = await there.text();
    if (!there.ok) throw new Error(`It answered ${String(there.status)}`);
    if (note !== checkpoint.note) throw new Error('It holds another checkpoint of that size: it is left as it is');
  };
  return {
    name: `s3:${folder}`,
    async push(checkpoint, signal) {
      const response = await client.fetch(`${folder}${checkpointName(checkpoint)}`, {
        method: 'PUT',
        headers: {
          'Content-Type': 'text/plain; charset=utf-8',
          'If-None-Match': '*',
          'X-Amz-Content-Sha256': sha256(checkpoint.note).toString('hex'),
        },
        body: checkpoint.note,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]),
      });
      await response.body?.cancel();
      // It is there already: this process, or another copy, did not get to say so; or it is another one.
      if (response.status === 412) {
        await requireSame(checkpoint, signal);
        return;
      }
      if (!response.ok) throw new Error(`It answered ${String(response.status)}`);
    },
  };
};
