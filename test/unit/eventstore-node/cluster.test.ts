import { describe, expect, test } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import { atEnd, collect, connect, events, failure, numbersIn, PLAIN, reconnect, start } from './node-rig.ts';

const cluster = async () => {
  const leader = await start();
  const follower = await start({ joins: leader });
  const connectToAll = (parameters = ''): EventStoreDBClient => {
    const hosts = `127.0.0.1:${leader.port},127.0.0.1:${follower.port}`;
    const client = EventStoreDBClient.connectionString(`esdb://${hosts}?tls=false${parameters}`);
    atEnd(() => client.dispose());
    return client;
  };
  return { leader, follower, connectToAll };
};

describe('a cluster over one log', () => {
  test('1.10: gossip names the living members and the leader, and the client goes to whom it prefers', async () => {
    const { leader, follower, connectToAll } = await cluster();
    const asked = [leader, follower].map((node) => node.misbehave({ on: 'append', do: 'delay', ms: 0, times: 9 }));
    await connectToAll().appendToStream('count-1', events(1), PLAIN);
    await connectToAll('&nodePreference=follower').appendToStream('count-1', events(2), PLAIN);
    expect(asked.map(({ done }) => done)).toEqual([1, 1]);
    expect(await numbersIn(connect(leader), 'count-1')).toEqual([1, 2]);
  });

  test('1.10, 1.11: with the leader dead, discovery finds the next; with nobody, it gives up', async () => {
    const { leader, follower, connectToAll } = await cluster();
    await leader.kill();
    follower.lead();
    await connectToAll().appendToStream('count-1', events(1), PLAIN);
    expect(await numbersIn(connect(follower), 'count-1')).toEqual([1]);
    await follower.kill();
    const lost = await failure(connectToAll('&discoveryInterval=5').appendToStream('count-1', events(2), PLAIN));
    expect(lost.message).toBe('Failed to discover after 10 attempts.');
  });

  test('2.12: a follower takes a write for the leader, unless the leader was asked for; then the next call goes there', async () => {
    const { leader, follower } = await cluster();
    const client = connect(follower);
    await client.appendToStream('count-1', events(1), PLAIN);
    const moved = await failure(client.appendToStream('count-1', events(2), { requiresLeader: true, ...PLAIN }));
    expect(moved).toMatchObject({ type: 'not-leader', leader: { address: '127.0.0.1', port: leader.port } });
    const atLeader = leader.misbehave({ on: 'append', do: 'delay', ms: 0 });
    await client.appendToStream('count-1', events(3), { requiresLeader: true, ...PLAIN });
    expect(atLeader.done).toBe(1);
    expect(await numbersIn(connect(leader), 'count-1')).toEqual([1, 3]);
  });

  test('6: with no leader known the error is unknown, and the channel stays', async () => {
    const { leader } = await cluster();
    leader.lead(false);
    const refused = await failure(
      connect(leader).appendToStream('count-1', events(1), { requiresLeader: true, ...PLAIN }),
    );
    expect(refused).toMatchObject({ type: 'unknown', message: '2 UNKNOWN: No leader info available in response' });
  });

  test('3.9: on the batch stream, "not leader" breaks the whole stream', async () => {
    const { follower, leader } = await cluster();
    const client = connect(follower);
    const both = [1, 2].map((n) => failure(client.appendToStream('count-1', events(n), { requiresLeader: true })));
    for (const refused of await Promise.all(both)) expect(refused.type).toBe('not-leader');
    expect(leader.log.stream('count-1')).toHaveLength(0);
  });

  test('2: a change of leader empties the memory for ids', async () => {
    const { follower } = await cluster();
    const client = connect(follower);
    const same = events(1);
    for (const _ of [1, 2]) await client.appendToStream('count-1', same, PLAIN);
    follower.lead();
    await client.appendToStream('count-1', same, PLAIN);
    expect(await numbersIn(client, 'count-1')).toEqual([1, 1]);
  });

  test('5.17: a live subscription goes on when its node stops being the leader', async () => {
    const { leader, follower } = await cluster();
    const client = connect(leader);
    const subscription = client.subscribeToAll({ requiresLeader: true, fromPosition: 'end' });
    atEnd(() => subscription.unsubscribe());
    const first = subscription[Symbol.asyncIterator]().next();
    await new Promise((caughtUp) => subscription.once('caughtUp', () => caughtUp(undefined)));
    follower.lead();
    await client.appendToStream('count-1', events(1), PLAIN);
    expect((await first).done).toBe(false);
    const refused = await failure(collect(client.subscribeToAll({ requiresLeader: true })));
    expect(refused.type).toBe('not-leader');
  });
});

test('a node that was killed is found again on its port, with its log', async () => {
  const node = await start();
  await connect(node).appendToStream('count-1', events(1));
  await node.restart();
  expect(await numbersIn(await reconnect(node), 'count-1')).toEqual([1]);
});
