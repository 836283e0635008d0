import { afterEach, expect, test } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { createKafka } from '@rollbook/shared/message-feed/kafka/kafka-client';
import { Publisher } from '@rollbook/shared/message-feed/kafka/publisher';
import { parseKafkaUrl } from '@rollbook/shared/message-feed/kafka/kafka-url';

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

test('a broker that takes a connection and then says nothing does not hold up whoever stops', async () => {
  server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const settings = parseKafkaUrl(`kafka://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const publisher = new Publisher(createKafka({ settings, clientId: 'test' }), systemClock);
  const sent = publisher.send('user-events.v1', [{ key: 'anna', value: '{}' }]).then(
    () => 'sent',
    (fault: unknown) => (Error.isError(fault) ? fault.message : 'failed'),
  );
  while (sockets.length === 0) await systemClock.sleep(10);
  const begun = performance.now();
  await publisher.close();
  expect(await sent).toBe('The message feed was closed');
  // Without the bound it would be the time for a request with all its retries.
  expect(performance.now() - begun).toBeLessThan(4_000);
});
