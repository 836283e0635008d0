/**
 * Every path of the API and the operation behind each of its methods. Both APIs know the whole table, so that
 * `OPTIONS` and 405 speak for all of it and only an unknown path is 404. `/v1` (and its alias `/api/v1`) stands before.
 */
export const OPERATIONS = {
  registerUser: { method: 'POST', path: '/users' },
  replaceUser: { method: 'PUT', path: '/users/{id}' },
  updateUser: { method: 'PATCH', path: '/users/{id}' },
  deleteUser: { method: 'DELETE', path: '/users/{id}' },
  requestErasure: { method: 'POST', path: '/users/{id}/erasure' },
  cancelErasure: { method: 'DELETE', path: '/users/{id}/erasure' },
  confirmErasure: { method: 'POST', path: '/auth/confirm-erasure' },
  listErasures: { method: 'GET', path: '/erasures' },
  getErasure: { method: 'GET', path: '/erasures/{id}' },
  assignRole: { method: 'PUT', path: '/users/{id}/role' },
  confirmEmailChange: { method: 'POST', path: '/auth/confirm-email-change' },
  verifyEmail: { method: 'POST', path: '/auth/verify-email' },
  rejectRegistration: { method: 'POST', path: '/auth/reject-registration' },
  resendVerification: { method: 'POST', path: '/auth/resend-verification' },
  login: { method: 'POST', path: '/auth/login' },
  refresh: { method: 'POST', path: '/auth/refresh' },
  logout: { method: 'POST', path: '/auth/logout' },
  logoutEverywhere: { method: 'POST', path: '/auth/logout-all' },
  revokeSession: { method: 'DELETE', path: '/users/{id}/sessions/{session_id}' },
  listSessions: { method: 'GET', path: '/users/{id}/sessions' },
  requestPasswordReset: { method: 'POST', path: '/auth/forgot-password' },
  resetPassword: { method: 'POST', path: '/auth/reset-password' },
  changePassword: { method: 'POST', path: '/auth/change-password' },
  acceptInvitation: { method: 'POST', path: '/auth/accept-invitation' },
  resendInvitation: { method: 'POST', path: '/users/{id}/invitation' },
  createApiKey: { method: 'POST', path: '/api-keys' },
  listApiKeys: { method: 'GET', path: '/api-keys' },
  revokeApiKey: { method: 'DELETE', path: '/api-keys/{id}' },
  listRoles: { method: 'GET', path: '/roles' },
  listUsers: { method: 'GET', path: '/users' },
  getMe: { method: 'GET', path: '/users/me' },
  getUser: { method: 'GET', path: '/users/{id}' },
  getUserHistory: { method: 'GET', path: '/users/{id}/history' },
  setPicture: { method: 'PUT', path: '/users/{id}/picture' },
  removePicture: { method: 'DELETE', path: '/users/{id}/picture' },
  getPicture: { method: 'GET', path: '/users/{id}/picture' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string }>;

export type OperationId = keyof typeof OPERATIONS;
