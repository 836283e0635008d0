import { apiKeyIdIn, meansApiKey } from '@rollbook/shared/api-key/api-key-text';
import { isRejection, reject } from '@rollbook/shared/contracts/rejections';
import { buildApp, type HttpApp } from '@rollbook/shared/http/build-app';
import { senderOfKey } from '@rollbook/shared/request-limits/request-counter';
import { createApiKeyRoute } from './api-key/create-api-key/create-api-key.route.ts';
import { revokeApiKeyRoute } from './api-key/revoke-api-key/revoke-api-key.route.ts';
import type { Adapters, CommandPorts } from './command-ports.ts';
import type { CommandApiConfig } from './config.ts';
import { redriveRoute } from './operations/redrive/redrive.route.ts';
import { refusalsRecorded } from './refused-administration/refusals-recorded.route.ts';
import { loginRoute } from './session/login/login.route.ts';
import { logoutEverywhereRoute } from './session/logout-everywhere/logout-everywhere.route.ts';
import { logoutRoute } from './session/logout/logout.route.ts';
import { refreshRoute } from './session/refresh/refresh.route.ts';
import { assignRoleRoute } from './user/assign-role/assign-role.route.ts';
import { cancelErasureRoute } from './user/cancel-erasure/cancel-erasure.route.ts';
import { confirmErasureRoute } from './user/confirm-erasure/confirm-erasure.route.ts';
import { requestErasureRoute } from './user/request-erasure/request-erasure.route.ts';
import { confirmEmailChangeRoute } from './user/confirm-email-change/confirm-email-change.route.ts';
import { deleteUserRoute } from './user/delete-user/delete-user.route.ts';
import { revokeSessionRoute } from './session/revoke-session/revoke-session.route.ts';
import { acceptInvitationRoute } from './user/accept-invitation/accept-invitation.route.ts';
import { changePasswordRoute } from './user/change-password/change-password.route.ts';
import { requestPasswordResetRoute } from './user/request-password-reset/request-password-reset.route.ts';
import { registerUserRoute } from './user/register-user/register-user.route.ts';
import { rejectRegistrationRoute } from './user/reject-registration/reject-registration.route.ts';
import { resendInvitationRoute } from './user/resend-invitation/resend-invitation.route.ts';
import { resendVerificationRoute } from './user/resend-verification/resend-verification.route.ts';
import { removePictureRoute } from './user/remove-picture/remove-picture.route.ts';
import { replaceUserRoute } from './user/replace-user/replace-user.route.ts';
import { setPictureRoute } from './user/set-picture/set-picture.route.ts';
import { updateUserRoute } from './user/update-user/update-user.route.ts';
import { resetPasswordRoute } from './user/reset-password/reset-password.route.ts';
import { verifyEmailRoute } from './user/verify-email/verify-email.route.ts';

/** Every endpoint of command-api. */
export const commandEndpoints = (ports: CommandPorts) => [
  registerUserRoute(ports),
  replaceUserRoute(ports),
  updateUserRoute(ports),
  deleteUserRoute(ports),
  requestErasureRoute(ports),
  cancelErasureRoute(ports),
  confirmErasureRoute(ports),
  assignRoleRoute(ports),
  setPictureRoute(ports),
  removePictureRoute(ports),
  confirmEmailChangeRoute(ports),
  verifyEmailRoute(ports),
  rejectRegistrationRoute(ports),
  resendVerificationRoute(ports),
  loginRoute(ports),
  refreshRoute(ports),
  logoutRoute(ports),
  logoutEverywhereRoute(ports),
  revokeSessionRoute(ports),
  requestPasswordResetRoute(ports),
  resetPasswordRoute(ports),
  changePasswordRoute(ports),
  acceptInvitationRoute(ports),
  resendInvitationRoute(ports),
  createApiKeyRoute(ports),
  revokeApiKeyRoute(ports),
  redriveRoute(ports),
];

/** command-api as an HTTP app. */
export const commandApp = (config: CommandApiConfig, adapters: Adapters, ports: CommandPorts): HttpApp =>
  buildApp({
    // What any of them refuses to somebody because of a role is an event.
    endpoints: commandEndpoints(ports).map((endpoint) => refusalsRecorded(ports, endpoint)),
    clock: adapters.clock,
    random: adapters.random,
    log: adapters.logger,
    health: adapters.health,
    trustProxy: config.TRUST_PROXY,
    corsOrigins: config.CORS_ORIGINS,
    checkBearer: async (bearer, address) => {
      if (meansApiKey(bearer)) {
        const look = () => ports.apiKeys.look(bearer);
        const { requestCounter: counter } = ports;
        const service = await (apiKeyIdIn(bearer) !== null && counter ? counter.lookUpKey(address, look) : look());
        // A key gives no command, whatever it opens.
        return isRejection(service)
          ? { sender: null, refused: service }
          : { sender: senderOfKey(service), refused: reject('forbidden') };
      }
      const claims = ports.authority.identify(bearer);
      return isRejection(claims) ? { sender: null, refused: claims } : { sender: { kind: 'person', id: claims.sub } };
    },
    requestCounter: ports.requestCounter,
  });
