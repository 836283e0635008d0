import { Accepted } from '@rollbook/shared/contracts/accepted';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { UserResource } from '@rollbook/shared/contracts/user';
import { defineEndpoint, type Answer, type Endpoint, type RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority, Caller } from '@rollbook/shared/person/authority';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { ANONYMOUS, personActor } from '../../command/command.ts';
import { userAnswer, type AnswerPorts } from '../../command/user-answer.ts';
import type { CredentialLimits } from '../../credential-limits/credential-limits.ts';
import { passwordFaults, type PasswordPolicy } from '../../password/password-policy.ts';
import { commandOf, runSafely, type SafeRetryPorts } from '../../safe-retry/run-safely.ts';
import { registerUserBody, type RegisterUserBody } from './register-user.body.ts';
import { CREATE_USER, refuseRegistrar, type Registrar } from './register-user.decide.ts';
import { registerUser } from './register-user.handle.ts';
import type { IdentifyRegistrar, Registration, RegisterPorts } from './registration.ts';
import { registerPrivately, type PrivatePorts } from './register-privately.handle.ts';

export interface RegisterUserRoute extends RegisterPorts, SafeRetryPorts, AnswerPorts, PrivatePorts {
  readonly authority: Authority;
  readonly passwordPolicy: PasswordPolicy;
  readonly limits: CredentialLimits;
  readonly portals: ReadonlySet<string>;
  /** `private`: a stranger never learns whether an address is registered. */
  readonly disclosure: 'public' | 'private';
}

const EXAMPLE = {
  email: 'ada@example.com',
  username: 'ada_l',
  password: 'Correct-Horse-7',
  first_name: 'Ada',
  last_name: 'Lovelace',
};

const ACCEPTED = {
  status: 'accepted',
  message: 'If the address can be registered, a mail is on its way to it.',
} as const;

export const registerUserRoute = (ports: RegisterUserRoute): Endpoint =>
  defineEndpoint({
    operation: 'registerUser',
    tag: 'Users',
    summary: 'Register a person',
    description:
      'Without a token: self-registration, `pending` until the address is verified. With the token of a manager or an ' +
      'administrator: creates an `active` account; without a password the person is invited by mail.',
    token: 'optional',
    permission: CREATE_USER,
    body: registerUserBody(ports.portals),
    example: EXAMPLE,
    answers: {
      201: {
        description: 'The person. `Location` names the resource.',
        body: UserResource,
        headers: ['ETag', 'Location'],
      },
      202: {
        description: 'Private mode: the same answer whether or not the address is free.',
        body: Accepted,
        example: ACCEPTED,
        promisesNothing: true,
      },
    },
    errors: [
      'VALIDATION_ERROR',
      'UNAUTHORIZED',
      'FORBIDDEN',
      'NOT_FOUND',
      'CONFLICT',
      'PRECONDITION_FAILED',
      'UNPROCESSABLE_ENTITY',
      'RATE_LIMIT_EXCEEDED',
      'SERVICE_UNAVAILABLE',
    ],
    handle: ({ body }, context) => handle(ports, body, context),
  });

interface Registering {
  readonly caller: Exclude<Awaited<ReturnType<IdentifyRegistrar>>, Rejection>;
  readonly wanted: Registration;
  readonly identify: IdentifyRegistrar;
}

const handle = async (
  ports: RegisterUserRoute,
  body: RegisterUserBody,
  context: RequestContext,
): Promise<Answer | Rejection> => {
  const { authority } = ports;
  const identify = registrarBy(() => authority.check(context.bearer), context.bearer);
  const caller = await registrarBy(() => authority.look(context.bearer), context.bearer)();
  if (isRejection(caller)) return caller;
  const refused = refuseBody(ports, body, caller.registrar);
  if (refused) return refused;
  const wanted = registrationOf(body);
  if (caller.registrar.kind !== 'self') return register(ports, context, { caller, wanted, identify });
  const slot = await ports.limits.take({ kind: 'registration', subject: null, address: context.origin.address });
  if ('retryAfter' in slot) return reject('too_many_attempts', slot);
  const answer = await register(ports, context, { caller, wanted, identify });
  // What was turned down has sent no mail.
  if (isRejection(answer)) await slot.giveBack();
  return answer;
};

const register = async (
  ports: RegisterUserRoute,
  context: RequestContext,
  { caller, wanted, identify }: Registering,
): Promise<Answer | Rejection> => {
  if (caller.registrar.kind === 'self' && ports.disclosure === 'private') {
    const command = commandOf(ports, context, null);
    const checked = await registerPrivately(ports, command, wanted, identify);
    return isRejection(checked) ? checked : { status: 202, body: ACCEPTED, after: checked.after };
  }
  return runSafely(ports, {
    context,
    caller: caller.actor.id,
    authorize: async () => {
      const now = await identify();
      return isRejection(now) ? now : refuseRegistrar(now.registrar, wanted.role);
    },
    execute: async (command) => {
      const effect = await registerUser(ports, command, wanted, identify);
      if (isRejection(effect)) return effect;
      const userId = effect.person.id ?? '';
      const answer = await userAnswer(ports, 201, effect, { Location: `/v1/users/${userId}` });
      return { answer, subject: userId };
    },
  });
};

const registrarBy =
  (identify: () => Promise<Caller | Rejection>, bearer: string | null): IdentifyRegistrar =>
  async () => {
    if (bearer === null) return { registrar: { kind: 'self' }, actor: ANONYMOUS };
    const caller = await identify();
    if (isRejection(caller)) return caller;
    return { registrar: { kind: 'staff', role: caller.role }, actor: personActor(caller.userId) };
  };

const refuseBody = (
  { passwordPolicy }: Pick<RegisterUserRoute, 'passwordPolicy'>,
  body: RegisterUserBody,
  registrar: Registrar,
): Rejection | null => {
  const refused = refuseRegistrar(registrar, body.role ?? 'user');
  if (refused) return refused;
  const password = body.password ?? null;
  if (password !== null) {
    const details = passwordFaults(password, passwordPolicy);
    return details.length > 0 ? reject('invalid_input', { details }) : null;
  }
  if (registrar.kind !== 'self') return null;
  return reject('invalid_input', { details: [{ field: 'password', code: 'required', message: 'is required' }] });
};

const registrationOf = (body: RegisterUserBody): Registration => ({
  email: body.email,
  // The schema has refused what has no canonical form.
  canonicalEmail: canonicalEmail(body.email) ?? '',
  username: body.username ?? null,
  usernameMayDiffer: false,
  secret: body.password == null ? null : { password: body.password },
  name: body.name ?? null,
  firstName: body.first_name ?? null,
  lastName: body.last_name ?? null,
  phone: body.phone ?? null,
  preferences: body.preferences ?? {},
  role: body.role ?? 'user',
  portal: body.portal ?? null,
});
