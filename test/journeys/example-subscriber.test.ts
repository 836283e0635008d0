import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { messageOf, until } from '../support/feed-audience.ts';
import { testKafka } from '../support/kafka.ts';
import { kafkaRig, type KafkaRig } from '../support/kafka-rig.ts';

const address = await testKafka();
const suite = address === null ? describe.skip : describe;

suite('The example subscriber of the docs', () => {
  let rig: KafkaRig;
  beforeAll(async () => {
    rig = await kafkaRig(address ?? '');
  });
  afterAll(() => rig.close());

  test('prints every message once, in order per person, though some are published twice', async () => {
    const feed = rig.open();
    const [first, second, third] = [messageOf('anna', 1), messageOf('anna', 2), messageOf('anna', 3)];
    await feed.publish([first, messageOf('ben', 1), second]);
    await feed.publish([first, second, third]);
    await feed.close();
    const script = join(import.meta.dirname, '../../docs/examples/subscriber.mjs');
    const args = ['--disable-warning=TimeoutNegativeWarning', script, address ?? '', `${rig.topic}.example`, rig.topic];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((end) => child.on('exit', end));
    const printed: { readonly id: string; readonly person: string; readonly data: unknown }[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(JSON.parse(line)));
    try {
      await until('the last came', () => printed.some(({ id }) => id === 'anna-3') && printed.length >= 4);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
    expect(printed.filter(({ person }) => person === 'anna').map(({ id }) => id)).toEqual([
      'anna-1',
      'anna-2',
      'anna-3',
    ]);
    expect(printed.filter(({ person }) => person === 'ben')).toHaveLength(1);
    expect(printed.find(({ id }) => id === 'anna-2')?.data).toEqual({ user_id: 'anna', n: 2 });
  });
});
