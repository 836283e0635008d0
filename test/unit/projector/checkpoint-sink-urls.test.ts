import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { checkpointSinkUrls } from '../../../projector/src/notary/sinks/checkpoint-sink-urls.ts';
import { connectCheckpointSinks } from '../../../projector/src/notary/sinks/connect-checkpoint-sinks.ts';

const read = (text: string) =>
  readConfig(z.object({ CHECKPOINT_SINK: checkpointSinkUrls() }), { CHECKPOINT_SINK: text });

describe('CHECKPOINT_SINK', () => {
  test('is a list of files, folders, addresses and buckets, each named without its secrets', async () => {
    const text =
      'file:///var/lib/rollbook/checkpoints, file:///mnt/worm/, https://anna:s%2Cecret@witness.example/log?token=t, s3://KEY:SECRET@s3.example/bucket/rollbook?region=eu-central-1';
    const sinks = await connectCheckpointSinks(read(text).CHECKPOINT_SINK);
    expect(sinks.map(({ name }) => name)).toStrictEqual([
      'file:/var/lib/rollbook/checkpoints',
      'file:/mnt/worm/',
      'https://witness.example/log',
      's3:https://s3.example/bucket/rollbook/',
    ]);
    expect(read(text).CHECKPOINT_SINK[2]).toStrictEqual({
      kind: 'https',
      url: 'https://witness.example/log?token=t',
      authorization: `Basic ${Buffer.from('anna:s,ecret').toString('base64')}`,
    });
  });

  test.each([
    ['http://witness.example/log', 'the scheme of one is another'],
    ['ftp://witness.example/log', 'the scheme of one is another'],
    ['witness', 'one of them is not a valid URL'],
    ['file:///a,', 'one of them is not a valid URL'],
    ['file://host/a', 'a file has a path and nothing else'],
    ['s3://host/bucket', 'it lacks the key or the secret'],
  ])('%s is refused with a sentence that does not quote it', (text, problem) => {
    expect(() => read(text)).toThrow(problem);
    expect(() => read(text)).not.toThrow(text);
  });

  test('plain http reaches only a helper on the same machine', () => {
    expect(read('http://127.0.0.1:9000/log').CHECKPOINT_SINK).toHaveLength(1);
  });
});
