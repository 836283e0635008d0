import { expect, test } from '@jest/globals';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Admission } from '@rollbook/shared/http/admission';
import { readBody } from '@rollbook/shared/http/read-body';

test('one person takes only their share of the places, and nobody more than there are', () => {
  const admission = new Admission(3, 2);
  const first = admission.enter('anna');
  expect(admission.enter('anna')).not.toBeNull();
  expect(admission.enter('anna')).toBeNull();
  expect(admission.enter('ben')).not.toBeNull();
  expect(admission.enter('cleo')).toBeNull();
  first?.release();
  first?.release();
  expect(admission.taken).toBe(2);
  expect(admission.enter('anna')).not.toBeNull();
  expect(admission.enter('cleo')).toBeNull();
});

test('who announces a body and then sends nothing more is taken for gone', async () => {
  const read = Promise.withResolvers<unknown>();
  const server = createServer((incoming) => {
    void readBody(incoming, 1_000, 50).then(read.resolve);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sending = request({ port, host: '127.0.0.1', method: 'PUT', headers: { 'Content-Length': '1000' } });
  const broken = new Promise((resolve) => sending.on('error', resolve));
  sending.write('abc');
  expect(await read.promise).toBe('aborted');
  await broken;
  server.close();
});
