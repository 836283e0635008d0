import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { expect, test } from '@jest/globals';
import { selfSigned } from '../../support/certificate.ts';
import { encrypted, guardedFor } from '../../support/eventstore-users.ts';
import { atEnd, collect, connect, events, failure, numbersIn, PATHS, PLAIN, start } from './node-rig.ts';

const guard = guardedFor({ admin: 'secret', anna: 'pass' });

const secured = async () => {
  const certificate = selfSigned();
  const folder = await mkdtemp(join(tmpdir(), 'node-tls-'));
  atEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.crt');
  await writeFile(file, certificate.certificate);
  const node = await start({ credentials: encrypted(certificate), guard });
  const connectAs = (pair: string): EventStoreDBClient => {
    const text = `esdb://${pair}127.0.0.1:${String(node.port)}?tlsCAFile=${file}`;
    const client = EventStoreDBClient.connectionString(text);
    atEnd(() => client.dispose());
    return client;
  };
  return { node, connectAs };
};

test('8.1: without TLS the client sends no credentials, neither its own nor those of the call', async () => {
  const node = await start({ guard });
  const denied = await failure(connect(node).appendToStream('count-1', events(1), PLAIN));
  expect(denied).toMatchObject({ type: 'access-denied', code: 7 });
});

test.each(PATHS)(
  '8.2: whoever is known writes and reads the streams of users; the others do not (%s)',
  async (_, by) => {
    const { connectAs } = await secured();
    // The credentials of a call would count before those of the client.
    const options = { ...by, ...(by.credentials && { credentials: { username: 'anna', password: 'pass' } }) };
    const anna = connectAs('anna:pass@');
    await anna.appendToStream('count-1', events(1), options);
    expect(await numbersIn(anna, 'count-1')).toEqual([1]);
    expect(await failure(collect(connectAs('').readStream('count-1')))).toMatchObject({
      type: 'access-denied',
      code: 7,
    });
    const wrong = await failure(collect(connectAs('anna:wrong@').readStream('count-1')));
    expect(wrong).toMatchObject({ type: 'access-denied', code: 16 });
  },
);

test('8.2, 8.3: $all and the streams of the system are for administrators, and $all for whom an ACL names', async () => {
  const { connectAs } = await secured();
  const [admin, anna] = [connectAs('admin:secret@'), connectAs('anna:pass@')];
  for (const source of [anna.readAll(), anna.subscribeToAll(), anna.readStream('$users')])
    expect(await failure(collect<unknown>(source))).toMatchObject({ type: 'access-denied', code: 7 });
  expect(await collect(admin.readAll())).toHaveLength(2);
  const none = { writeRoles: [], deleteRoles: [], metaReadRoles: [], metaWriteRoles: [] };
  await admin.setStreamMetadata('$all', { acl: { readRoles: ['anna'], ...none } });
  expect(await collect(anna.readAll())).toHaveLength(3);
});

test('8.4: gossip and the features are told to anybody', async () => {
  const { node, connectAs } = await secured();
  const asked = node.misbehave({ on: ['gossip', 'features'], do: 'delay', ms: 0, times: 9 });
  const anonymous = connectAs(`127.0.0.1:${String(node.port)},`);
  expect(await failure(anonymous.appendToStream('count-1', events(1)))).toMatchObject({ type: 'access-denied' });
  expect(asked.done).toBe(2);
});
