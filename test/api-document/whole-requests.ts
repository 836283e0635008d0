import type { OperationId } from '@rollbook/shared/contracts/operations';
import type { Stage } from './refused-stage.ts';
import type { Sent } from './send-operation.ts';

/** One pixel, as PNG. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** What stands in the place of an example's own values: `body` is laid over the example of the document. */
export type Requests = Readonly<Record<OperationId, Sent>>;

/** For each operation a request that lacks nothing on this stage. */
export const wholeRequests = ({ admin, ada, invited, links, apiKeys, parked, event }: Stage): Requests => {
  const self = { token: ada.token, params: { id: ada.id } };
  const ofAda = { token: admin, params: { id: ada.id } };
  const read = { token: admin };
  return {
    registerUser: { token: admin, body: { email: 'new@example.com', username: 'newcomer' } },
    replaceUser: ofAda,
    updateUser: ofAda,
    deleteUser: ofAda,
    requestErasure: self,
    cancelErasure: self,
    confirmErasure: { body: { token: links.erasure } },
    assignRole: ofAda,
    setPicture: { ...self, body: PICTURE, type: 'image/png' },
    removePicture: self,
    confirmEmailChange: { body: { token: links.email } },
    verifyEmail: { body: { token: links.verify } },
    rejectRegistration: { body: { token: links.reject } },
    resendVerification: {},
    login: {},
    refresh: { body: { refresh_token: ada.refreshToken } },
    logout: { token: ada.token },
    logoutEverywhere: { token: ada.token },
    revokeSession: { token: admin, params: { id: ada.id, session_id: ada.sessionId } },
    requestPasswordReset: {},
    resetPassword: { body: { token: links.reset } },
    changePassword: { token: ada.token },
    acceptInvitation: { body: { token: links.invitation } },
    resendInvitation: { token: admin, params: { id: invited } },
    createApiKey: { token: admin },
    revokeApiKey: { token: admin, params: { id: apiKeys.id } },
    redrive: { token: admin, body: { id: parked } },
    listUsers: read,
    getMe: read,
    getUser: ofAda,
    getUserHistory: ofAda,
    getPicture: ofAda,
    listRoles: read,
    listSessions: ofAda,
    listErasures: read,
    getErasure: ofAda,
    listApiKeys: read,
    getOperations: read,
    listAuditEvents: read,
    getAuditEvent: { token: admin, params: { id: event } },
    getAuditStats: read,
    exportAudit: read,
    getCheckpoint: read,
    getProof: { token: admin, params: { id: event } },
    getConsistencyProof: { ...read, query: '?from=0' },
    followEvents: read,
  };
};
