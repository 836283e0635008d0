import type { ClientAnswer } from '../support/client.ts';
import type { ExampleStage } from './example-stage.ts';
import type { Sent } from './send-operation.ts';
import { PICTURE } from './whole-requests.ts';

/** One example that is sent: `body` is laid over what the document shows, for tokens and ids that live. */
export interface Step {
  readonly operation: string;
  /** What the document promises; its first success unless told. */
  readonly status?: number;
  /** The content type whose example it is. */
  readonly type?: string;
  readonly url?: 'private';
  readonly sent: (stage: ExampleStage) => Sent | Promise<Sent>;
  /** Values of parameters in the place of those shown. */
  readonly query?: (stage: ExampleStage) => Readonly<Record<string, string>>;
  readonly then?: (answer: ClientAnswer, stage: ExampleStage) => void;
}

const as =
  (who: string, person?: string) =>
  ({ live }: ExampleStage): Sent => ({
    token: live[who] ?? '',
    ...(person !== undefined && { params: { id: live[person] ?? '' } }),
  });
const admin = as('admin');
const stranger = (): Sent => ({});
const ADA = 'ada@example.com';
/** The password that two examples give her. */
const NEW = 'Battery-Staple-9';

/** What was asked for is still the same. */
const unchanged =
  (sent: (stage: ExampleStage) => Sent, etag: string) =>
  (stage: ExampleStage): Sent => ({ ...sent(stage), headers: { 'if-none-match': stage.live[etag] ?? '' } });
const keepEtag =
  (name: string) =>
  ({ headers }: ClientAnswer, { live }: ExampleStage): void => {
    live[name] = headers.get('etag') ?? live[name] ?? '';
  };
const keepTokens = ({ body }: ClientAnswer, { live }: ExampleStage): void => {
  live['ada'] = String(body.access_token);
  live['refresh'] = String(body.refresh_token);
};
const position = ({ live }: ExampleStage) => ({ as_of: live['position'] ?? '' });

/** Every operation, each when its state has come: what one leaves behind the next begins with. */
export const WALK: readonly Step[] = [
  { operation: 'registerUser', sent: stranger, then: ({ body }, { live }) => void (live['adaId'] = String(body.id)) },
  {
    operation: 'resendVerification',
    // A mail that a newer one has made worthless before it went out is not sent at all.
    sent: async ({ mailed }) => {
      await mailed(ADA, 'verify-email');
      return {};
    },
  },
  {
    operation: 'verifyEmail',
    sent: async ({ mailed }) => ({ body: { token: await mailed(ADA, 'verify-email', 2) } }),
  },
  { operation: 'login', sent: stranger, then: keepTokens },
  { operation: 'refresh', sent: ({ live }) => ({ body: { refresh_token: live['refresh'] } }), then: keepTokens },
  { operation: 'listSessions', sent: as('ada', 'adaId') },
  {
    operation: 'setPicture',
    type: 'image/*',
    sent: (stage) => ({ ...as('ada', 'adaId')(stage), body: PICTURE, type: 'image/png' }),
  },
  { operation: 'getPicture', sent: as('ada', 'adaId'), then: keepEtag('picture') },
  { operation: 'getPicture', status: 304, sent: unchanged(as('ada', 'adaId'), 'picture') },
  { operation: 'removePicture', sent: as('ada', 'adaId') },
  {
    operation: 'getMe',
    sent: as('ada'),
    query: position,
    then: (answer, stage) => {
      keepEtag('me')(answer, stage);
      stage.live['position'] ??= answer.headers.get('projection-position') ?? '';
    },
  },
  { operation: 'getMe', status: 304, sent: unchanged(as('ada'), 'me') },
  { operation: 'getUser', sent: as('admin', 'adaId'), query: position, then: keepEtag('user') },
  { operation: 'getUser', status: 304, sent: unchanged(as('admin', 'adaId'), 'user') },
  { operation: 'requestErasure', sent: as('ada', 'adaId') },
  {
    operation: 'confirmErasure',
    sent: async ({ mailed }) => ({ body: { token: await mailed(ADA, 'confirm-erasure') } }),
  },
  { operation: 'listErasures', sent: admin },
  { operation: 'getErasure', sent: as('admin', 'adaId') },
  { operation: 'cancelErasure', sent: as('ada', 'adaId') },
  { operation: 'changePassword', sent: as('ada') },
  { operation: 'requestPasswordReset', sent: stranger },
  {
    operation: 'resetPassword',
    sent: async ({ mailed }) => ({ body: { token: await mailed(ADA, 'reset-password') } }),
  },
  { operation: 'logout', sent: async ({ signIn }) => ({ token: await signIn('ada_l', NEW) }) },
  { operation: 'logoutEverywhere', sent: async ({ signIn }) => ({ token: await signIn('ada_l', NEW) }) },
  {
    operation: 'confirmEmailChange',
    sent: async ({ mailed }) => ({ body: { token: await mailed('dora.new@example.com', 'confirm-email-change') } }),
  },
  {
    operation: 'rejectRegistration',
    sent: async ({ mailed }) => ({ body: { token: await mailed('eve@example.com', 'reject-registration') } }),
  },
  {
    operation: 'resendInvitation',
    sent: async (stage) => {
      await stage.mailed('ivo@example.com', 'accept-invitation');
      return as('admin', 'ivo')(stage);
    },
  },
  {
    operation: 'acceptInvitation',
    sent: async ({ mailed }) => ({ body: { token: await mailed('ivo@example.com', 'accept-invitation', 2) } }),
  },
  {
    operation: 'revokeSession',
    sent: async ({ live, signIn }) => {
      const claims = (await signIn('ivo')).split('.')[1] ?? '';
      const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string };
      return { token: live['admin'] ?? '', params: { id: live['ivo'] ?? '', session_id: sid } };
    },
  },
  { operation: 'assignRole', sent: as('admin', 'ivo') },
  { operation: 'replaceUser', sent: as('admin', 'bob') },
  { operation: 'updateUser', sent: as('admin', 'carl') },
  { operation: 'updateUser', type: 'application/merge-patch+json', sent: as('admin', 'carla') },
  { operation: 'deleteUser', sent: as('admin', 'dora') },
  { operation: 'createApiKey', sent: admin, then: ({ body }, { live }) => void (live['key'] = String(body.id)) },
  { operation: 'listApiKeys', sent: admin },
  { operation: 'revokeApiKey', sent: as('admin', 'key') },
  {
    operation: 'redrive',
    sent: async ({ live, park }) => ({ token: live['admin'] ?? '', body: { id: await park(live['mona'] ?? '') } }),
  },
  {
    operation: 'listUsers',
    sent: admin,
    query: ({ live }) => ({ cursor: live['nextUsers'] ?? '' }),
    then: ({ body }, { live }) => void (live['nextUsers'] ??= body.pagination?.next_cursor),
  },
  {
    operation: 'getUserHistory',
    sent: as('admin', 'adaId'),
    query: ({ live }) => ({ cursor: live['nextChanges'] ?? '' }),
    then: ({ body }, { live }) => void (live['nextChanges'] ??= body.pagination?.next_cursor),
  },
  { operation: 'listRoles', sent: admin },
  { operation: 'getOperations', sent: admin },
  {
    operation: 'listAuditEvents',
    sent: admin,
    query: ({ live }) => ({ cursor: live['nextEvents'] ?? '' }),
    then: ({ body }, { live }) => {
      live['nextEvents'] ??= body.pagination?.next_cursor;
      live['event'] ??= body.data?.at(-1)?.id;
    },
  },
  { operation: 'getAuditEvent', sent: as('admin', 'event') },
  // Only together do they name a span that is short enough.
  { operation: 'getAuditStats', sent: admin, query: () => ({ after: new Date(Date.now() - 3_600_000).toISOString() }) },
  {
    operation: 'getCheckpoint',
    sent: async (stage) => {
      await stage.sealed();
      return admin(stage);
    },
  },
  { operation: 'getProof', sent: as('admin', 'event') },
  { operation: 'getConsistencyProof', sent: admin },
  { operation: 'exportAudit', sent: admin },
  { operation: 'followEvents', sent: admin },
  { operation: 'registerUser', status: 202, url: 'private', sent: stranger },
  { operation: 'live', sent: stranger },
  { operation: 'ready', sent: stranger },
  { operation: 'accessTokenKeys', sent: stranger },
  { operation: 'receiptKeys', sent: stranger },
  { operation: 'auditKeys', sent: stranger },
  { operation: 'asyncApi', sent: stranger },
  { operation: 'eventSchema', sent: () => ({ params: { type: 'rollbook.user.registered.v1' } }) },
  { operation: 'openApi', sent: stranger },
];
