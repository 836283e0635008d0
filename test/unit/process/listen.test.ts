import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { listen } from '@rollbook/shared/process/listen';
import { StartError } from '@rollbook/shared/process/start-error';

describe('A port that cannot be had', () => {
  test('is told in one sentence when somebody else has it', async () => {
    const first = await listen(createServer(), { host: '127.0.0.1', port: 0 });
    const second = listen(createServer(), { host: '127.0.0.1', port: first.port });
    await expect(second).rejects.toThrow(
      new StartError(`Port ${first.port} of 127.0.0.1 is taken: set PORT to a free one.`),
    );
    await first.close();
  });

  test('is told in one sentence when the address is not of this machine', async () => {
    const elsewhere = listen(createServer(), { host: '192.0.2.77', port: 0 });
    await expect(elsewhere).rejects.toThrow('This machine has no address 192.0.2.77: set HOST to one of its own.');
  });
});
