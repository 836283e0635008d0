import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseS3Url } from '@rollbook/shared/pictures/picture-store-url';
import type { CheckpointSink } from '../../../projector/src/notary/sinks/checkpoint-sink.ts';
import { s3Sink } from '../../../projector/src/notary/sinks/s3-checkpoint-sink.ts';

describe('A bucket of checkpoints', () => {
  const objects = new Map<string, string>();
  let server: Server;
  let sink: CheckpointSink;

  /** As S3 does it: what has to be new is refused with 412 where the object is there. */
  const serve = async (): Promise<void> => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const there = objects.get(request.url!);
        if (request.method === 'GET') response.writeHead(there === undefined ? 404 : 200).end(there);
        else if (there !== undefined && request.headers['if-none-match'] === '*') response.writeHead(412).end();
        else {
          objects.set(request.url!, body);
          response.writeHead(200).end();
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  };

  beforeEach(async () => {
    objects.clear();
    await serve();
    const { port } = server.address() as AddressInfo;
    const url = parseS3Url(`s3://key:secret@127.0.0.1:${String(port)}/bucket/log?tls=false`);
    if ('problem' in url) throw new Error(url.problem);
    sink = s3Sink(url.value);
  });
  afterEach(() => void server.close());

  const push = (size: number, note: string): Promise<void> => sink.push({ size, note }, new AbortController().signal);

  test('holds each, also when one comes twice', async () => {
    await push(1, 'one');
    await push(22, 'two');
    await push(1, 'one');
    expect([...objects]).toStrictEqual([
      ['/bucket/log/0000000000000001.checkpoint', 'one'],
      ['/bucket/log/0000000000000022.checkpoint', 'two'],
    ]);
  });

  test('never has one written over with another of its size, and says so', async () => {
    await push(1, 'one');
    await expect(push(1, 'another')).rejects.toThrow('holds another checkpoint of that size');
    expect([...objects.values()]).toStrictEqual(['one']);
  });
});
