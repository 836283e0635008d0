import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { OUT_OF_REACH, verifyReceipt } from '@rollbook/shared/person/erasure-receipt';
import { readPerson } from '../../../../command-api/src/command/read-person.ts';
import { finishErasure } from '../../../../command-api/src/user/erase-user/finish-erasure.handle.ts';
import { finishErasures } from '../../../../command-api/src/user/erase-user/finish-erasures.handle.ts';
import { commandRig, systemContext } from '../../../support/command-rig.ts';
import { PERSON_ID } from '../../../support/given.ts';
import { expired, registered, registeredByStaff } from '../../../support/happenings.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const stream = userStream(PERSON_ID);
const looking = {
  signal: new AbortController().signal,
  onFault: (fault: unknown) => {
    throw fault;
  },
};
const erased = { type: 'PersonErased', data: { reason: 'by-administrator' }, personal: null } as const;

/** Somebody whose erasure stopped right after `PersonErased`. */
const stopped = async () => {
  const rig = commandRig();
  await rig.log.append(stream, EMPTY_STREAM, [registeredByStaff, erased], systemContext());
  const ports = { ...rig, keyIds: rig.keys, receiptKey: { id: 'r1', key: privateKey } };
  const types = async () => (await rig.log.read(stream)).events.map(({ type }) => type);
  return { rig, ports, types };
};

test('A receipt of before it named what was out of reach verifies as it did', () => {
  const old = {
    ...{ id: PERSON_ID, position: '7', erased_at: '2026-01-02T03:04:05.678Z', key_id: 'k' },
    ...{ backups_until: '2026-02-01T03:04:05.678Z', signed_by: 'r1' },
  };
  const bytes =
    `{"backups_until":"2026-02-01T03:04:05.678Z","erased_at":"2026-01-02T03:04:05.678Z","id":"${PERSON_ID}",` +
    `"key_id":"k","position":"7","signed_by":"r1"}`;
  const signature = sign(null, Buffer.from(bytes), privateKey).toString('base64');
  expect(verifyReceipt(old, signature, publicKey)).toBe(true);
  expect(verifyReceipt({ ...old, out_of_reach: [] }, signature, publicKey)).toBe(false);
});

describe('An erasure that stopped in the middle', () => {
  test('is finished at the next start: the key is gone, and the receipt holds', async () => {
    const { rig, ports, types } = await stopped();
    const keyId = await rig.keys.keyIdOf(PERSON_ID);
    const position = await finishErasures(ports, null, looking);
    expect(await rig.keys.find(PERSON_ID)).toBe('destroyed');
    const { events } = await rig.log.read(stream);
    const receipt = events.at(-1);
    if (receipt?.type !== 'ErasureReceipted') throw new Error('There is no receipt');
    const { erasedAt, backupsUntil, outOfReach, signedBy, signature, ...data } = receipt.data;
    expect(data).toStrictEqual({ position: events[1]?.position, keyId });
    expect(outOfReach).toStrictEqual([...OUT_OF_REACH]);
    const signed = {
      ...{ id: PERSON_ID, position: data.position, erased_at: erasedAt, key_id: data.keyId },
      ...{ backups_until: backupsUntil, out_of_reach: OUT_OF_REACH, signed_by: signedBy },
    };
    expect(verifyReceipt(signed, signature, publicKey)).toBe(true);
    expect(verifyReceipt({ ...signed, erased_at: backupsUntil }, signature, publicKey)).toBe(false);
    expect(verifyReceipt({ ...signed, out_of_reach: [] }, signature, publicKey)).toBe(false);
    await finishErasures(ports, position, looking);
    expect(await types()).toStrictEqual(['UserRegistered', 'PersonErased', 'ErasureReceipted']);
  });

  test('keeps no other one waiting where it cannot be finished, and is looked at again the next time', async () => {
    const { rig, ports, types } = await stopped();
    const lost = '99999999-9999-4999-8999-999999999999';
    await rig.log.append(userStream(lost), EMPTY_STREAM, [registeredByStaff, erased], systemContext());
    const known = async (id: string) => (id === PERSON_ID ? null : rig.keys.keyIdOf(id));
    const faults: unknown[] = [];
    const telling = { ...looking, onFault: (fault: unknown) => faults.push(fault) };
    const position = await finishErasures({ ...ports, keyIds: { keyIdOf: known } }, null, telling);
    expect(faults).toStrictEqual([new Error(`There is no key of ${PERSON_ID}, nor a tombstone`)]);
    expect((await rig.log.read(userStream(lost))).events.at(-1)?.type).toBe('ErasureReceipted');
    await finishErasures(ports, position, looking);
    expect((await types()).at(-1)).toBe('ErasureReceipted');
  });

  test('waits for the next start where the service stops', async () => {
    const { ports, types } = await stopped();
    expect(await finishErasures(ports, null, { ...looking, signal: AbortSignal.abort() })).toBeNull();
    expect((await types()).at(-1)).toBe('PersonErased');
  });

  test('is finished once, however many meet it at the same moment', async () => {
    const { rig, ports, types } = await stopped();
    const target = await readPerson(rig.log, PERSON_ID);
    const receipts = await Promise.all(Array.from({ length: 8 }, () => finishErasure(ports, target)));
    expect(new Set(receipts.map((receipt) => receipt?.id)).size).toBe(1);
    expect((await types()).filter((type) => type === 'ErasureReceipted')).toHaveLength(1);
  });

  test('names the key also where a follower destroyed it first', async () => {
    const { rig, ports } = await stopped();
    const keyId = await rig.keys.keyIdOf(PERSON_ID);
    await rig.keys.destroy(PERSON_ID);
    const receipt = await finishErasure(ports, await readPerson(rig.log, PERSON_ID));
    expect(receipt?.data).toMatchObject({ keyId });
  });

  test('is nothing that an expired registration or a living person could be', async () => {
    const rig = commandRig();
    const ports = { ...rig, keyIds: rig.keys, receiptKey: { id: 'r1', key: privateKey } };
    await rig.log.append(stream, EMPTY_STREAM, [registered()], systemContext());
    expect(await finishErasure(ports, await readPerson(rig.log, PERSON_ID))).toBeNull();
    const { end } = await rig.log.read(stream);
    await rig.log.append(stream, end, expired, systemContext());
    expect(await finishErasure(ports, await readPerson(rig.log, PERSON_ID))).toBeNull();
    expect((await rig.log.read(stream)).events.at(-1)?.type).toBe('PersonErased');
  });
});
