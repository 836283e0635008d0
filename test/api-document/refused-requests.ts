import { randomUUID } from 'node:crypto';
import type { OperationId } from '@rollbook/shared/contracts/operations';
import { PASSWORD } from '../support/journey.ts';
import type { Stage } from './refused-stage.ts';
import type { Operation, Sent } from './send-operation.ts';
import { PICTURE } from './whole-requests.ts';

/** Makes of a request that would be served one that is not, or says that this is not the way for that operation. */
export type Spoil = (whole: Sent, operation: Operation, stage: Stage) => Sent | null;

const isQuery = ({ method }: Operation): boolean => method === 'get';
const isPicture = ({ body }: Sent): boolean => body instanceof Uint8Array;
/** Whether it asks who sends it. */
export const wantsToken = ({ security }: Operation): boolean => (security as readonly object[]).length > 0;

const MISSING = '00000000-0000-4000-8000-000000000000';
/** One byte more than a body may have. */
const TOO_MUCH = Buffer.alloc(2 * 1024 * 1024 + 1, ' ');
const TOO_MUCH_PICTURE = Buffer.alloc(5 * 1024 * 1024 + 1, ' ');

/** Ways that do for most operations, by the status that they lead to. */
export const SPOILED: Readonly<Record<string, Spoil>> = {
  400: (whole, operation) => {
    if (isQuery(operation)) return { ...whole, query: `${whole.query ? `${whole.query}&` : '?'}unknown=1` };
    if (isPicture(whole)) return { ...whole, body: PICTURE.subarray(0, 40) };
    return { ...whole, body: { ...(whole.body as object | undefined), unknown: 1 } };
  },
  401: (whole, operation) => (wantsToken(operation) ? { ...whole, token: 'none' } : null),
  403: (whole, operation, { apiKeys }) => {
    if (!wantsToken(operation)) return null;
    const opens = ['listUsers', 'getUser', 'getPicture', 'listRoles'].includes(operation['operationId'] as string);
    return { ...whole, token: opens ? apiKeys.followsEvents : apiKeys.readsUsers };
  },
  404: (whole) => (whole.params?.['id'] === undefined ? null : { ...whole, params: { ...whole.params, id: MISSING } }),
  412: (whole) => ({ ...whole, headers: { 'if-match': '"99999"' } }),
  413: (whole) => ({ ...whole, body: isPicture(whole) ? TOO_MUCH_PICTURE : TOO_MUCH }),
  415: (whole) => ({ ...whole, body: 'text', type: 'text/plain' }),
  503: (whole, operation, { fromTheFuture }) =>
    isQuery(operation) ? { ...whole, headers: { 'consistency-token': fromTheFuture } } : whole,
};

/** Ways of their own. */
export const SPECIAL: Readonly<Partial<Record<string, (stage: Stage) => Sent>>> = {
  'login 401': () => ({ body: { email: 'ada@example.com', password: 'Wrong-Horse-7' } }),
  'refresh 401': () => ({ body: { refresh_token: 'none' } }),
  'logout 401': () => ({ body: { refresh_token: 'none' } }),
  'login 403': () => ({ body: { email: 'pia@example.com', password: PASSWORD } }),
  'refresh 403': () => FROM_A_FOREIGN_PAGE,
  'logout 403': () => FROM_A_FOREIGN_PAGE,
  'redrive 404': ({ admin }) => ({ token: admin, body: { what: 'dead_letter', id: MISSING } }),
  'eventSchema 404': () => ({ params: { type: 'none' } }),
  // Before there was anybody.
  'getMe 404': ({ admin }) => ({ token: admin, query: '?as_of=2000-01-01T00:00:00Z' }),
};

const FROM_A_FOREIGN_PAGE: Sent = {
  headers: { cookie: 'rollbook_refresh=some', origin: 'https://elsewhere.example.org' },
};

/** Another body for the same `Idempotency-Key`. */
export const OTHER_BODY: Readonly<Partial<Record<OperationId, object | Uint8Array>>> = {
  registerUser: { name: 'Another' },
  replaceUser: { phone: '+1-555-0100' },
  updateUser: { phone: '+1-555-0100' },
  requestErasure: { current_password: 'Another-Horse-7' },
  assignRole: { role: 'auditor' },
  setPicture: PICTURE.subarray(0, 40),
  changePassword: { new_password: 'Another-Horse-7' },
  resendInvitation: { portal: null },
  createApiKey: { name: 'another' },
  redrive: { id: randomUUID() },
};

const WRONG = { current_password: 'Wrong-Horse-7' };
const elsewhere = { ...WRONG, email: 'elsewhere@example.com' };

/** What fails, and is soon counted as too many failures: laid over the body of the example. */
export const FAILING: Readonly<Partial<Record<OperationId, (turn: number) => object>>> = {
  // Each is a new one: what was turned down counts for nothing.
  registerUser: (turn) => ({ email: `newcomer${String(turn)}@example.com`, username: `newcomer${String(turn)}` }),
  login: () => ({ password: 'Wrong-Horse-7' }),
  requestErasure: () => WRONG,
  changePassword: () => WRONG,
  updateUser: () => ({ ...elsewhere, is_active: true }),
  replaceUser: () => ({ ...elsewhere, username: 'ada', role: 'user' }),
};
