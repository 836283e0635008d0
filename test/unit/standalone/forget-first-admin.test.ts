import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ADMIN_ROSTER, userStream } from '@rollbook/shared/contracts/streams';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { forgetFirstAdmin } from '../../../deploy/standalone/forget-first-admin.ts';
import { happen, peopleIn } from '../../support/people.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-first-admin-'));
  file = join(folder, 'first-admin.json');
  await writeFile(file, '{}');
});
afterEach(() => rm(folder, { recursive: true }));

const onFault = (fault: unknown): never => {
  throw fault;
};
const aLog = async () => {
  const store = new MemoryEventStore({ clock });
  const journal = { store, log: sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random }) };
  const people = peopleIn(journal);
  const [admin, other] = [await people.register('admin'), await people.register('other')];
  const listed = { grantId: randomUUID(), userId: admin };
  await happen(journal, ADMIN_ROSTER, { type: 'AdminListed', data: listed, personal: null });
  const change = (id: string) =>
    happen(journal, userStream(id), {
      type: 'PasswordChanged',
      data: { keptSessionId: null },
      personal: { email: 'a@example.com', username: 'a', passwordHash: 'x' },
    });
  return { store, admin, other, change };
};

describe('The file with the first administrator’s password', () => {
  test('is deleted when that password changes, not when another does', async () => {
    const { store, admin, other, change } = await aLog();
    const forgotten = forgetFirstAdmin({ dataDir: folder, store, clock, onFault }, new AbortController().signal);
    await change(other);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await access(file);
    await change(admin);
    await forgotten;
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is deleted at the next start when the process ended in between', async () => {
    const { store, admin, change } = await aLog();
    await change(admin);
    await forgetFirstAdmin({ dataDir: folder, store, clock, onFault }, new AbortController().signal);
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is nothing to wait for when it is not there, and waiting ends with the process', async () => {
    const { store } = await aLog();
    const stopping = new AbortController();
    const waiting = forgetFirstAdmin({ dataDir: folder, store, clock, onFault }, stopping.signal);
    stopping.abort();
    await waiting;
    await access(file);
    await rm(file);
    await forgetFirstAdmin({ dataDir: folder, store, clock, onFault }, new AbortController().signal);
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
