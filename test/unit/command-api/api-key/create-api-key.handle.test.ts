import { describe, expect, test } from '@jest/globals';
import { ApiKeys } from '@rollbook/shared/api-key/api-keys';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Role } from '@rollbook/shared/contracts/roles';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import { AppendRefused } from '@rollbook/shared/event-log/errors';
import { HOUR } from '@rollbook/shared/kernel/clock';
import type { Caller } from '@rollbook/shared/person/authority';
import type { Command } from '../../../../command-api/src/command/command.ts';
import { createApiKey } from '../../../../command-api/src/api-key/create-api-key/create-api-key.handle.ts';
import { revokeApiKey } from '../../../../command-api/src/api-key/revoke-api-key/revoke-api-key.handle.ts';
import { aCommand, commandRig } from '../../../support/command-rig.ts';
import { PERSON_ID } from '../../../support/given.ts';

const WANTED = { name: 'billing', scopes: ['users:read'], rateLimitPerHour: null, expiresAt: null } as const;

/** Somebody of the role who is signed in until `signOut`. */
const someoneOf = (role: Role = 'admin') => {
  const rig = commandRig();
  let caller: Caller | Rejection = { userId: PERSON_ID, sessionId: PERSON_ID, role };
  const ports = { ...rig, authority: { check: () => Promise.resolve(caller) } };
  const signOut = (): void => {
    caller = reject('session_ended');
  };
  const create = (command: Command) => createApiKey(ports, command, WANTED);
  const made = async (command: Command) => {
    const created = await create(command);
    if (isRejection(created)) throw new Error(created.rejection);
    return created;
  };
  const revoke = (command: Command, id: string) => revokeApiKey(ports, command, id);
  const typesOf = async (id: string) => (await rig.store.read(apiKeyStream(id))).map(({ type }) => type);
  return { rig, ports, signOut, create, made, revoke, typesOf, keys: new ApiKeys(rig) };
};

describe('Making an API key', () => {
  test('gives a key that is known again, and leaves only its digest', async () => {
    const { made, keys, rig } = someoneOf();
    const { text, apiKey } = await made(aCommand());
    expect(await keys.look(text ?? '')).toMatchObject({ kind: 'service', id: apiKey.id, scopes: ['users:read'] });
    expect(apiKey).toMatchObject({ name: 'billing', createdBy: PERSON_ID, revokedAt: null });
    const [stored] = await rig.store.read(apiKeyStream(apiKey.id));
    const secret = text?.slice(37, 101) ?? '';
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(stored)).not.toContain('billing');
  });

  test('sent again makes no second one and shows it to nobody any more', async () => {
    const { made, revoke, typesOf } = someoneOf();
    const first = await made(aCommand('one'));
    const second = await made(aCommand('one'));
    expect([second.apiKey.id, second.text]).toStrictEqual([first.apiKey.id, null]);
    await revoke(aCommand(), first.apiKey.id);
    // The first answer again, whatever happened since.
    expect((await made(aCommand('one'))).apiKey).toStrictEqual(first.apiKey);
    expect(await typesOf(first.apiKey.id)).toStrictEqual(['ApiKeyCreated', 'ApiKeyRevoked']);
  });

  test('sent again at the same moment shows it once', async () => {
    const { made } = someoneOf();
    const all = await Promise.all(Array.from({ length: 8 }, () => made(aCommand('one'))));
    expect(new Set(all.map(({ apiKey }) => apiKey.id)).size).toBe(1);
    expect(all.filter(({ text }) => text !== null)).toHaveLength(1);
  });

  test('with the same key a day later is a new command', async () => {
    const { made, rig } = someoneOf();
    const first = await made(aCommand('one'));
    rig.clock.pass(25 * HOUR);
    const second = await made(aCommand('one'));
    expect(second.apiKey.id).not.toBe(first.apiKey.id);
    expect(second.text).not.toBeNull();
  });

  test('is refused to everybody else, and where a precondition names what is not there', async () => {
    expect(await someoneOf('manager').create(aCommand())).toStrictEqual(reject('forbidden'));
    expect(await someoneOf().create({ ...aCommand(), ifMatch: '*' })).toStrictEqual(reject('precondition_failed'));
  });

  test('is refused to somebody who is erased at that moment', async () => {
    const { create, rig, signOut, ports } = someoneOf();
    await rig.keys.ensure(PERSON_ID);
    await rig.keys.destroy(PERSON_ID);
    await expect(create(aCommand())).rejects.toThrow(AppendRefused);
    const check = ports.authority.check;
    let looks = 0;
    ports.authority.check = () => {
      if ((looks += 1) === 2) signOut();
      return check();
    };
    expect(await create(aCommand())).toStrictEqual(reject('session_ended'));
  });
});

describe('Revoking an API key', () => {
  test('ends it for good, by one event however often it is sent', async () => {
    const { made, revoke, typesOf, keys } = someoneOf();
    const { apiKey, text } = await made(aCommand());
    const command = { ...aCommand('end'), ifMatch: '"0"' };
    const all = await Promise.all([command, command, aCommand(), aCommand()].map((one) => revoke(one, apiKey.id)));
    expect(new Set(all.map((event) => ('id' in event ? event.id : event))).size).toBe(1);
    expect(await typesOf(apiKey.id)).toStrictEqual(['ApiKeyCreated', 'ApiKeyRevoked']);
    expect(await keys.look(text ?? '')).toStrictEqual(reject('api_key_invalid'));
  });

  test('meets If-Match only for the key as it was read, but a repeat meets its own event', async () => {
    const { made, revoke } = someoneOf();
    const { apiKey } = await made(aCommand());
    const stale = { ...aCommand(), ifMatch: '"7"' };
    expect(await revoke(stale, apiKey.id)).toStrictEqual(reject('precondition_failed', { etag: '"0"' }));
    const command = { ...aCommand('end'), ifMatch: '"0"' };
    const ended = await revoke(command, apiKey.id);
    expect(ended).toMatchObject({ type: 'ApiKeyRevoked' });
    expect(await revoke(command, apiKey.id)).toStrictEqual(ended);
    const late = { ...aCommand(), ifMatch: '"0"' };
    expect(await revoke(late, apiKey.id)).toStrictEqual(reject('precondition_failed', { etag: '"1"' }));
  });

  test('is refused to everybody else, and for a key that never was', async () => {
    expect(await someoneOf('auditor').revoke(aCommand(), PERSON_ID)).toStrictEqual(reject('forbidden'));
    expect(await someoneOf().revoke(aCommand(), PERSON_ID)).toStrictEqual(reject('not_found'));
  });
});
