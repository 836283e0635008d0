import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Filter, ResolvedEvent } from '@eventstore/db-client';
import type { Order } from '../../support/eventstore-node/misbehaviour.ts';
import { atEnd, collect, connect, events, numbersOf, PLAIN, runClient, start, until, watch } from './node-rig.ts';

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

describe('9.2: subscriptions', () => {
  test('ended with OK, the loop ends without an error, after what was buffered', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 50)));
    node.misbehave({ on: 'subscribe', do: 'end', after: 40 });
    const filter: Filter = { filterOn: 'streamName', prefixes: ['count'], checkpointInterval: 1 };
    expect(numbersOf(await collect(client.subscribeToAll({ filter })))).toEqual(range(0, 40));
  });

  test.each([
    [14, 'unavailable'],
    [10, 'timeout'],
    [2, 'unknown'],
  ])('failed with status %d: first what was buffered, then the error', async (code, type) => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 30)));
    node.misbehave({ on: 'subscribe', do: 'fail', code, after: 20 });
    const { numbers, faults } = watch(client);
    await until(() => faults.length === 1);
    expect([numbers(), faults[0]!.type]).toEqual([range(0, 20), type]);
  });

  test('an open one can be ended, failed, silenced or reset at any time', async () => {
    const node = await start();
    const client = connect(node);
    const [ended, failed, silent, cut] = range(0, 4).map(() => watch(client, { from: 'end' }));
    await until(() => [ended, failed, silent, cut].every((one) => one!.isCaughtUp()));
    const deeds: Omit<Order, 'on'>[] = [
      { do: 'end' },
      { do: 'fail', code: 14 },
      { do: 'lose-answer' },
      { do: 'reset' },
    ];
    [...node.subscriptions].forEach((one, index) => one.disturb({ on: 'subscribe', ...deeds[index]! }));
    await until(() => ended!.hasEnded && failed!.faults.length > 0 && cut!.faults.length > 0);
    await connect(node).appendToStream('count-1', events(1), PLAIN);
    await sleep(50);
    expect([failed, cut].map((one) => one!.faults[0]!.type)).toEqual(['unavailable', 'cancelled']);
    expect([silent!.hasEnded, silent!.faults, silent!.numbers()]).toEqual([false, [], []]);
    expect(node.subscriptions.size).toBe(0);
  });

  test('an error that nobody listens to ends the process', async () => {
    const node = await start();
    node.misbehave({ on: 'subscribe', do: 'fail', code: 2 });
    const { code } = await runClient(node, `client.subscribeToAll().on('data', () => undefined);`);
    expect(code).toBe(1);
  });

  test('a checkpoint handler that throws ends the process', async () => {
    const node = await start();
    const filter = `{ filterOn: 'streamName', prefixes: ['x'], checkpointInterval: 1, checkpointReached: async () => { throw new Error('my own'); } }`;
    const { code, said } = await runClient(
      node,
      `client.subscribeToAll({ filter: ${filter} }).on('data', () => undefined);`,
    );
    expect([code, said]).toEqual([1, expect.stringContaining('my own')]);
  });

  test('a loop left with "break" leaves the call open at the node until it unsubscribes', async () => {
    const node = await start();
    const client = connect(node);
    const subscription = client.subscribeToAll();
    for await (const _ of subscription) break;
    await sleep(50);
    expect(node.subscriptions.size).toBe(1);
    await subscription.unsubscribe();
    await until(() => node.subscriptions.size === 0);
  });

  test('a checkpoint twice is reported twice; an empty message, and a checkpoint without a filter, are passed over', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(1));
    const place = { commit: 7n, prepare: 7n };
    const { checkpoints, isCaughtUp, numbers } = watch(client, { from: 'end' });
    const plain = client.subscribeToAll({ fromPosition: 'end' });
    atEnd(() => plain.unsubscribe());
    const got: ResolvedEvent[] = [];
    plain.on('data', (one: ResolvedEvent) => got.push(one));
    await until(() => isCaughtUp() && node.subscriptions.size === 2);
    for (const open of node.subscriptions) {
      for (const _ of [1, 2]) open.disturb({ on: 'subscribe', do: 'checkpoint', at: place });
      open.disturb({ on: 'subscribe', do: 'answer-empty' });
    }
    await client.appendToStream('count-1', events(2));
    await until(() => got.length > 0 && numbers().length > 0);
    expect(checkpoints().slice(0, 2)).toEqual([place, place]);
    expect(numbersOf(got)).toEqual([2]);
  });

  test('a slow checkpoint handler holds up what comes after it', async () => {
    const node = await start();
    const client = connect(node);
    const seen: string[] = [];
    const slow = async () => {
      await sleep(50);
      seen.push('checkpoint');
    };
    const filter: Filter = { filterOn: 'streamName', prefixes: ['x'], checkpointInterval: 1, checkpointReached: slow };
    const subscription = client.subscribeToAll({ filter });
    atEnd(() => subscription.unsubscribe());
    subscription.on('caughtUp', () => seen.push('caught up')).on('data', () => undefined);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['checkpoint', 'caught up']);
  });

  test('a consumer that takes nothing stops the node after some hundred small events', async () => {
    const node = await start();
    const client = connect(node);
    await client.appendToStream('count-1', events(...range(0, 3_000)));
    const { subscription, numbers } = watch(client);
    subscription.pause();
    await until(() => [...node.subscriptions].some(({ sent }) => sent() > 100));
    await sleep(200);
    const [open] = node.subscriptions;
    expect(open!.sent()).toBeLessThan(2_000);
    subscription.resume();
    await until(() => numbers().length === 3_000);
  });
});
