import type { CheckpointSink } from './checkpoint-sink.ts';
import type { SinkUrl } from './checkpoint-sink-urls.ts';
import { fileSink, folderSink } from './file-checkpoint-sinks.ts';
import { httpsSink } from './https-checkpoint-sink.ts';

/** The sink of each URL; what speaks to S3 is loaded only when it is asked for. */
export const connectCheckpointSinks = (urls: readonly SinkUrl[]): Promise<readonly CheckpointSink[]> =>
  Promise.all(
    urls.map(async (url) => {
      if (url.kind === 'file') return fileSink(url.path);
      if (url.kind === 'folder') return folderSink(url.path);
      if (url.kind === 'https') return httpsSink(url);
      const { s3Sink } = await import('./s3-checkpoint-sink.ts');
      return s3Sink(url.bucket);
    }),
  );
