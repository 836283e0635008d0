import type { AnyNewEvent, EventType } from '@rollbook/shared/contracts/events/all-events';
import { PERSON_ID } from './given.ts';
import { EMAIL_CLAIM, GRANT, registered, USERNAME_CLAIM, verificationRequested, verified } from './happenings.ts';

const SESSION_ID = '77777777-7777-4777-8777-777777777777';
const API_KEY_ID = '99999999-9999-4999-8999-999999999999';
const SUBJECT_ID = '66666666-6666-4666-8666-666666666666';
const REQUEST_ID = '88888888-8888-4888-8888-888888888888';
const EXPIRES_AT = '2026-01-02T03:06:05.678Z';

interface Sample<T extends EventType> {
  readonly stream: string;
  readonly event: Extract<AnyNewEvent, { type: T }>;
}

const user = `user-${PERSON_ID}`;
const session = `session-${SESSION_ID}`;
const signin = `signin-${PERSON_ID}`;
const apiKey = `apikey-${API_KEY_ID}`;
const data = { userId: PERSON_ID };
const claim = { ...data, expiresAt: EXPIRES_AT };
const removal = { removal: 'demotion', to: 'user', commandId: REQUEST_ID } as const;
const change = { email: 'Ada@new.example', formerEmail: 'Ada@example.com', username: 'ada_l' };
const asked = { portal: null, emailDigest: 'd' };
const HASH = 'p1$$2b$04$hash';
const recipient = { email: 'Ada@example.com', username: 'ada_l' };
const profile = { name: 'Countess', phone: '+1-555-0123', preferences: { theme: 'dark', tags: [1, null] } };

/** One example of every event in its current version. Total: a new event does not compile until it has one. */
export const SAMPLE_EVENTS: { readonly [T in EventType]: Sample<T> } = {
  UserRegistered: { stream: user, event: registered({}, profile) },
  EmailVerificationRequested: { stream: user, event: verificationRequested() },
  InvitationRequested: {
    stream: user,
    event: { type: 'InvitationRequested', data: { portal: 'shop', emailDigest: 'd' }, personal: recipient },
  },
  EmailVerified: { stream: user, event: verified(REQUEST_ID) },
  RegistrationExpired: {
    stream: user,
    event: { type: 'RegistrationExpired', data: { reason: 'rejected' }, personal: null },
  },
  PersonErased: {
    stream: user,
    event: { type: 'PersonErased', data: { reason: 'registration-expired' }, personal: null },
  },
  ErasureRequested: { stream: user, event: { type: 'ErasureRequested', data: asked, personal: recipient } },
  ErasureConfirmed: {
    stream: user,
    event: { type: 'ErasureConfirmed', data: { requestId: REQUEST_ID }, personal: null },
  },
  ErasureCancelled: { stream: user, event: { type: 'ErasureCancelled', data: {}, personal: null } },
  ErasureReceipted: {
    stream: user,
    event: {
      type: 'ErasureReceipted',
      data: {
        position: '00000000000000000007',
        erasedAt: EXPIRES_AT,
        keyId: GRANT,
        backupsUntil: '2026-02-01T03:06:05.678Z',
        outOfReach: ['exports-handed-out'],
        signedBy: 'r1',
        signature: 'c2ln',
      },
      personal: null,
    },
  },
  RegistrationAbandoned: { stream: user, event: { type: 'RegistrationAbandoned', data: {}, personal: null } },
  ClaimForfeited: {
    stream: user,
    event: { type: 'ClaimForfeited', data: { claimId: USERNAME_CLAIM }, personal: null },
  },
  ProfileChanged: {
    stream: user,
    event: { type: 'ProfileChanged', data: { fields: ['name', 'phone'] }, personal: { name: 'Ada', phone: null } },
  },
  UsernameChanged: {
    stream: user,
    event: {
      type: 'UsernameChanged',
      data: { claimId: USERNAME_CLAIM, usernameDigest: 'd' },
      personal: { username: 'ada' },
    },
  },
  PictureSet: {
    stream: user,
    event: { type: 'PictureSet', data: { pictureId: GRANT, type: 'image/webp' }, personal: { digest: 'ab12' } },
  },
  PictureRemoved: { stream: user, event: { type: 'PictureRemoved', data: { pictureId: GRANT }, personal: null } },
  EmailChangeRequested: { stream: user, event: { type: 'EmailChangeRequested', data: asked, personal: change } },
  EmailChanged: {
    stream: user,
    event: {
      type: 'EmailChanged',
      data: { ...asked, claimId: EMAIL_CLAIM, requestId: REQUEST_ID, keptSessionId: null },
      personal: change,
    },
  },
  UserDeactivated: { stream: user, event: { type: 'UserDeactivated', data: {}, personal: null } },
  UserReactivated: { stream: user, event: { type: 'UserReactivated', data: { grantId: GRANT }, personal: null } },
  SignedOutEverywhere: { stream: user, event: { type: 'SignedOutEverywhere', data: {}, personal: null } },
  PasswordChanged: {
    stream: user,
    event: {
      type: 'PasswordChanged',
      data: { keptSessionId: SESSION_ID },
      personal: { ...recipient, passwordHash: HASH },
    },
  },
  PasswordRehashed: {
    stream: user,
    event: { type: 'PasswordRehashed', data: {}, personal: { passwordHash: HASH } },
  },
  PasswordResetRequested: {
    stream: user,
    event: { type: 'PasswordResetRequested', data: { ...asked, mail: 'reset' }, personal: recipient },
  },
  PasswordReset: {
    stream: user,
    event: { type: 'PasswordReset', data: { requestId: REQUEST_ID }, personal: { ...recipient, passwordHash: HASH } },
  },
  InvitationAccepted: {
    stream: user,
    event: { type: 'InvitationAccepted', data: { requestId: REQUEST_ID }, personal: { passwordHash: HASH } },
  },
  RoleChanged: {
    stream: user,
    event: { type: 'RoleChanged', data: { from: 'user', to: 'admin', grantId: GRANT }, personal: null },
  },
  SessionStarted: {
    stream: session,
    event: { type: 'SessionStarted', data: { ...data, ver: 1, expiresAt: 1_769_915_045 }, personal: null },
  },
  SessionRefreshed: {
    stream: session,
    event: { type: 'SessionRefreshed', data: { ...data, generation: 1 }, personal: null },
  },
  SessionEnded: {
    stream: session,
    event: { type: 'SessionEnded', data: { ...data, reason: 'replayed' }, personal: null },
  },
  SignedIn: { stream: signin, event: { type: 'SignedIn', data: { sessionId: SESSION_ID }, personal: null } },
  SignInFailed: { stream: signin, event: { type: 'SignInFailed', data: { where: 'sign-in' }, personal: null } },
  SignInsRefused: {
    stream: signin,
    event: { type: 'SignInsRefused', data: { from: '2026-01-02T03:00:00.000Z', count: 31 }, personal: null },
  },
  AddressInUseNoticed: {
    stream: signin,
    event: { type: 'AddressInUseNoticed', data: { portal: null }, personal: recipient },
  },
  AdministrationRefused: {
    stream: signin,
    event: {
      type: 'AdministrationRefused',
      data: { operation: 'updateUser', parts: ['role'], target: PERSON_ID, role: 'admin', reason: 'forbidden' },
      personal: null,
    },
  },
  ApiKeyCreated: {
    stream: apiKey,
    event: {
      type: 'ApiKeyCreated',
      data: { digest: 'ab'.repeat(32), scopes: ['users:read'], rateLimitPerHour: 5_000, expiresAt: EXPIRES_AT },
      personal: { name: 'Lovelace reports' },
    },
  },
  ApiKeyRevoked: { stream: apiKey, event: { type: 'ApiKeyRevoked', data: {}, personal: null } },
  HistoryRead: {
    stream: signin,
    event: { type: 'HistoryRead', data: { subject: SUBJECT_ID, from: '2026-01-02T03:00:00.000Z' }, personal: null },
  },
  AuditExported: {
    stream: signin,
    event: {
      type: 'AuditExported',
      data: { format: 'ndjson', filter: { subject: SUBJECT_ID }, fromLeaf: 0 },
      personal: null,
    },
  },
  CheckpointSigned: {
    stream: 'notary',
    event: {
      type: 'CheckpointSigned',
      data: {
        size: 1,
        root: 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=',
        keys: ['k1'],
        note: 'rollbook/log\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n— rollbook/log AAAAAA==\n',
      },
      personal: null,
    },
  },
  RedriveRequested: {
    stream: 'operations',
    event: { type: 'RedriveRequested', data: { what: 'parked_event', id: REQUEST_ID }, personal: null },
  },
  EmailClaimed: {
    stream: `emailclaim-${'ab'.repeat(32)}`,
    event: { type: 'EmailClaimed', data: claim, personal: null },
  },
  UsernameClaimed: {
    stream: `usernameclaim-${'cd'.repeat(32)}`,
    event: { type: 'UsernameClaimed', data: claim, personal: null },
  },
  AdminListed: {
    stream: 'adminroster',
    event: { type: 'AdminListed', data: { grantId: GRANT, ...data }, personal: null },
  },
  AdminUnlisted: {
    stream: 'adminroster',
    event: { type: 'AdminUnlisted', data: { grantId: GRANT, ...data, ...removal }, personal: null },
  },
  KeyChecksRecorded: {
    stream: 'service',
    event: {
      type: 'KeyChecksRecorded',
      data: { digestKey: EMAIL_CLAIM, peppers: { p1: 'aa' }, masterKeys: { m1: 'bb' } },
      personal: null,
    },
  },
  KeyCheckAdded: {
    stream: 'service',
    event: { type: 'KeyCheckAdded', data: { kind: 'pepper', id: 'p2', check: 'cc' }, personal: null },
  },
};
