import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { definitionOf, EVENTS } from '@rollbook/shared/contracts/events/all-events';
import { PUBLIC_EVENTS, readPublicData, toPublicMessage } from '@rollbook/shared/contracts/public-events';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { JsonObject } from '@rollbook/shared/kernel/json';

const ID = '7d0b3f83-6b1d-4d6e-9b39-0d5b0f9d1c11';
const part = (subject: string) => ({ subject, keyId: 'k', nonce: 'bm9uY2U=', ciphertext: 'Y2lwaGVy' });

const stored = (type: string, data: JsonObject, stream = `user-${ID}`): StoredEvent => ({
  id: randomUUID(),
  type,
  schemaVersion: 1,
  stream,
  revision: 3,
  position: '00000000000000000042' as StoredEvent['position'],
  recordedAt: '2026-01-02T03:04:05.678Z',
  data,
  personal: [part(ID), part('day-2026-01-02')],
  metadata: {
    actor: { kind: 'anonymous', id: null },
    requestId: 'req_1',
    correlationId: 'req_1',
    causationId: null,
    commandId: ID,
    previousHash: null,
    hash: '00',
  },
});

const samples: readonly StoredEvent[] = [
  stored('UserRegistered', {
    via: 'self',
    role: 'user',
    emailClaimId: ID,
    usernameClaimId: ID,
    emailDigest: 'secret-digest',
    usernameDigest: 'secret-digest',
    hasPassword: true,
  }),
  stored('EmailVerificationRequested', { withRejection: true, portal: null, emailDigest: 'secret-digest' }),
  stored('InvitationRequested', { portal: 'shop', emailDigest: 'secret-digest' }),
  stored('EmailVerified', { requestId: ID }),
  stored('RoleChanged', { from: 'user', to: 'admin', grantId: ID }),
  stored('RegistrationExpired', { reason: 'rejected' }),
  stored('PersonErased', { reason: 'requested' }),
  stored('ProfileChanged', { fields: ['name'] }),
  stored('PictureSet', { pictureId: ID, type: 'image/webp' }),
  stored('PictureRemoved', { pictureId: ID }),
  stored('UsernameChanged', { claimId: ID, usernameDigest: 'secret-digest' }),
  stored('EmailChangeRequested', { portal: null, emailDigest: 'secret-digest' }),
  stored('EmailChanged', {
    claimId: ID,
    emailDigest: 'secret-digest',
    requestId: ID,
    portal: null,
    keptSessionId: null,
  }),
  stored('UserDeactivated', {}),
  stored('UserReactivated', { grantId: ID }),
  stored('SignedOutEverywhere', {}),
  stored('PasswordChanged', { keptSessionId: ID }),
  stored('PasswordResetRequested', { mail: 'reset', portal: null, emailDigest: 'secret-digest' }),
  stored('PasswordReset', { requestId: ID }),
  stored('InvitationAccepted', { requestId: ID }),
  stored('ErasureRequested', { portal: null, emailDigest: 'secret-digest' }),
  stored('ErasureConfirmed', { requestId: ID }),
  stored('ErasureCancelled', {}),
  stored('AddressInUseNoticed', { portal: null }, `signin-${ID}`),
];

describe('Public messages', () => {
  test('are as their types promise, one sample for each', () => {
    const messages = samples.map((event) => toPublicMessage(event)!);
    expect(messages.map(({ type }) => type).sort()).toEqual(Object.keys(PUBLIC_EVENTS).sort());
    for (const [n, message] of messages.entries()) {
      expect(() => readPublicData(message.type as keyof typeof PUBLIC_EVENTS, message)).not.toThrow();
      const { id, position, recordedAt } = samples[n]!;
      expect(message).toMatchObject({ id, key: ID, position, time: recordedAt });
    }
  });

  test('carry no digest, no grant and nobody else’s sealed part', () => {
    const text = JSON.stringify(samples.map((event) => toPublicMessage(event)));
    expect(text).not.toMatch(/digest|grant|day-2026|hasPassword/i);
  });

  test('are made of the allowed events only', () => {
    const allowed = new Set(samples.map(({ type }) => type));
    for (const { type } of EVENTS.filter((event) => !allowed.has(event.type)))
      expect(toPublicMessage(stored(type, {}))).toBeNull();
    expect(toPublicMessage(stored('PersonErased', { reason: 'requested' }, 'service'))).toBeNull();
  });

  test('of an event that only a newer program knows are not passed over silently', () => {
    expect(() => toPublicMessage(stored('PersonCloned', {}))).toThrow('does not know PersonCloned');
    const newer = {
      ...stored('EmailVerified', {}),
      schemaVersion: (definitionOf('EmailVerified')?.schemaVersion ?? 0) + 1,
    };
    expect(() => toPublicMessage(newer)).toThrow('does not know EmailVerified');
  });
});
