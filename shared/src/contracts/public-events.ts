import { z } from 'zod';
import { UnreadableEvent } from '../event-log/errors.ts';
import type { StoredEvent } from '../event-log/event.ts';
import { upcast } from '../event-log/upcast.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { FeedMessage } from '../message-feed/port.ts';
import { definitionOf, type EventType } from './events/all-events.ts';
import { ROLES } from './roles.ts';
import { personOfStream } from './streams.ts';

const uuid = z.uuid();
const role = z.enum(ROLES);

/** What every public message says: whom it concerns, and the revision of that person's stream after it. */
const about = { user_id: uuid, revision: z.int() };

/**
 * The stored event's sealed parts under the person's own key, with what opening them needs (`openPart`): only a holder
 * of that key can read the recipient, so an erasure reaches every copy of the message.
 */
const sealed = {
  event: z.strictObject({ id: uuid, stream: z.string(), schema_version: z.int() }),
  sealed: z.array(
    z.strictObject({ subject: z.string(), keyId: z.string(), nonce: z.string(), ciphertext: z.string() }),
  ),
};

/** A mail is wanted: when it was asked for, and the portal whose links it shall carry (null: the default). */
const mail = { requested_at: z.string(), portal: z.string().nullable(), ...sealed };

/** Every public message type and its data. A change that a reader could trip over is a new type (`….v2`). */
export const PUBLIC_EVENTS = {
  'rollbook.user.registered.v1': z.strictObject({ ...about, role, via: z.enum(['self', 'staff']) }),
  'rollbook.user.email-verification-requested.v1': z.strictObject({ ...about, ...mail, with_rejection: z.boolean() }),
  'rollbook.user.invitation-requested.v1': z.strictObject({ ...about, ...mail }),
  'rollbook.user.email-verified.v1': z.strictObject({ ...about, request_id: uuid }),
  'rollbook.user.role-changed.v1': z.strictObject({ ...about, from: role, to: role }),
  'rollbook.user.registration-expired.v1': z.strictObject({
    ...about,
    reason: z.enum(['expired', 'rejected', 'superseded']),
  }),
  'rollbook.user.erased.v1': z.strictObject({
    ...about,
    reason: z.enum(['registration-expired', 'requested', 'by-administrator']),
  }),
  'rollbook.user.profile-changed.v1': z.strictObject({ ...about, fields: z.array(z.string()) }),
  'rollbook.user.username-changed.v1': z.strictObject(about),
  'rollbook.user.picture-set.v1': z.strictObject(about),
  'rollbook.user.picture-removed.v1': z.strictObject(about),
  'rollbook.user.email-change-requested.v1': z.strictObject({ ...about, ...mail }),
  'rollbook.user.email-changed.v1': z.strictObject({ ...about, ...mail, request_id: uuid.nullable() }),
  'rollbook.user.deactivated.v1': z.strictObject(about),
  'rollbook.user.reactivated.v1': z.strictObject(about),
  'rollbook.user.signed-out-everywhere.v1': z.strictObject(about),
  'rollbook.user.password-changed.v1': z.strictObject({ ...about, ...mail }),
  'rollbook.user.password-reset-requested.v1': z.strictObject({
    ...about,
    ...mail,
    mail: z.enum(['reset', 'notice']),
  }),
  'rollbook.user.password-reset.v1': z.strictObject({ ...about, ...mail }),
  'rollbook.user.invitation-accepted.v1': z.strictObject({ ...about, request_id: uuid }),
  'rollbook.user.erasure-requested.v1': z.strictObject({ ...about, ...mail }),
  'rollbook.user.erasure-confirmed.v1': z.strictObject({ ...about, request_id: uuid }),
  'rollbook.user.erasure-cancelled.v1': z.strictObject(about),
  'rollbook.user.address-in-use-noticed.v1': z.strictObject({ user_id: uuid, ...mail }),
} as const;

export type PublicEventType = keyof typeof PUBLIC_EVENTS;
export type PublicData<T extends PublicEventType> = z.output<(typeof PUBLIC_EVENTS)[T]>;

/** Reads a message's data; throws a ZodError when it is not as its type promises. */
export const readPublicData = <T extends PublicEventType>(type: T, message: Pick<FeedMessage, 'data'>): PublicData<T> =>
  PUBLIC_EVENTS[type].parse(message.data) as PublicData<T>;

/** How an event becomes public. `clear`: the fields of its data that go out, by their public names. */
interface Publication {
  readonly type: PublicEventType;
  readonly clear: Readonly<Record<string, string>>;
  readonly withMail?: true;
}

/**
 * The allow-list, total over all events: a new event does not compile until it is decided here whether it goes out.
 * null: in no feed. Digests, claim ids and grants never go out.
 */
const PUBLICATIONS: Readonly<Record<EventType, Publication | null>> = {
  UserRegistered: { type: 'rollbook.user.registered.v1', clear: { role: 'role', via: 'via' } },
  EmailVerificationRequested: {
    type: 'rollbook.user.email-verification-requested.v1',
    clear: { portal: 'portal', with_rejection: 'withRejection' },
    withMail: true,
  },
  InvitationRequested: {
    type: 'rollbook.user.invitation-requested.v1',
    clear: { portal: 'portal' },
    withMail: true,
  },
  EmailVerified: { type: 'rollbook.user.email-verified.v1', clear: { request_id: 'requestId' } },
  RoleChanged: { type: 'rollbook.user.role-changed.v1', clear: { from: 'from', to: 'to' } },
  RegistrationExpired: { type: 'rollbook.user.registration-expired.v1', clear: { reason: 'reason' } },
  PersonErased: { type: 'rollbook.user.erased.v1', clear: { reason: 'reason' } },
  AddressInUseNoticed: {
    type: 'rollbook.user.address-in-use-noticed.v1',
    clear: { portal: 'portal' },
    withMail: true,
  },
  ProfileChanged: { type: 'rollbook.user.profile-changed.v1', clear: { fields: 'fields' } },
  UsernameChanged: { type: 'rollbook.user.username-changed.v1', clear: {} },
  PictureSet: { type: 'rollbook.user.picture-set.v1', clear: {} },
  PictureRemoved: { type: 'rollbook.user.picture-removed.v1', clear: {} },
  EmailChangeRequested: {
    type: 'rollbook.user.email-change-requested.v1',
    clear: { portal: 'portal' },
    withMail: true,
  },
  EmailChanged: {
    type: 'rollbook.user.email-changed.v1',
    clear: { portal: 'portal', request_id: 'requestId' },
    withMail: true,
  },
  UserDeactivated: { type: 'rollbook.user.deactivated.v1', clear: {} },
  UserReactivated: { type: 'rollbook.user.reactivated.v1', clear: {} },
  SignedOutEverywhere: { type: 'rollbook.user.signed-out-everywhere.v1', clear: {} },
  PasswordChanged: { type: 'rollbook.user.password-changed.v1', clear: { portal: 'portal' }, withMail: true },
  PasswordResetRequested: {
    type: 'rollbook.user.password-reset-requested.v1',
    clear: { portal: 'portal', mail: 'mail' },
    withMail: true,
  },
  PasswordReset: { type: 'rollbook.user.password-reset.v1', clear: { portal: 'portal' }, withMail: true },
  InvitationAccepted: { type: 'rollbook.user.invitation-accepted.v1', clear: { request_id: 'requestId' } },
  ErasureRequested: { type: 'rollbook.user.erasure-requested.v1', clear: { portal: 'portal' }, withMail: true },
  ErasureConfirmed: { type: 'rollbook.user.erasure-confirmed.v1', clear: { request_id: 'requestId' } },
  ErasureCancelled: { type: 'rollbook.user.erasure-cancelled.v1', clear: {} },
  ErasureReceipted: null,
  PasswordRehashed: null,
  RegistrationAbandoned: null,
  ClaimForfeited: null,
  SessionStarted: null,
  SessionRefreshed: null,
  SessionEnded: null,
  SignedIn: null,
  SignInFailed: null,
  SignInsRefused: null,
  AdministrationRefused: null,
  ApiKeyCreated: null,
  ApiKeyRevoked: null,
  HistoryRead: null,
  AuditExported: null,
  CheckpointSigned: null,
  RedriveRequested: null,
  EmailClaimed: null,
  UsernameClaimed: null,
  AdminListed: null,
  AdminUnlisted: null,
  KeyChecksRecorded: null,
  KeyCheckAdded: null,
};

/**
 * The public message of a stored event, or null when it has none. Pure; opens nothing. Throws UnreadableEvent for what
 * only a newer program knows: passed over, its message would be lost.
 */
export const toPublicMessage = (event: StoredEvent): FeedMessage | null => {
  const definition = definitionOf(event.type);
  if (!definition || event.schemaVersion > definition.schemaVersion)
    throw new UnreadableEvent(`This program does not know ${event.type} in version ${String(event.schemaVersion)}`);
  const publication = PUBLICATIONS[event.type as EventType];
  const person = personOfStream(event.stream);
  if (!publication || person === null) return null;
  const shape = { data: event.data, personal: null };
  const { data } = upcast(event.type, event.schemaVersion, definition.schemaVersion, shape);
  const clear = Object.entries(publication.clear).map(([name, field]) => [name, data[field] ?? null] as const);
  return {
    id: event.id,
    key: person,
    type: publication.type,
    position: event.position,
    time: event.recordedAt,
    data: {
      user_id: person,
      ...(event.stream.startsWith('user-') ? { revision: event.revision } : {}),
      ...Object.fromEntries(clear),
      ...(publication.withMail ? sealedForMail(event, person) : {}),
    },
  };
};

const sealedForMail = (event: StoredEvent, person: string): JsonObject => ({
  requested_at: event.recordedAt,
  event: { id: event.id, stream: event.stream, schema_version: event.schemaVersion },
  sealed: event.personal
    .filter(({ subject }) => subject === person)
    .map(({ subject, keyId, nonce, ciphertext }) => ({ subject, keyId, nonce, ciphertext })),
});
