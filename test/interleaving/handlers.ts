import { cp, mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** The real handlers, from a source tree. */
export const loadHandlers = async (source = join(ROOT, 'command-api/src')) => ({
  ...((await import(
    join(source, 'user/register-user/register-user.handle.ts')
  )) as typeof import('../../command-api/src/user/register-user/register-user.handle.ts')),
  ...((await import(
    join(source, 'user/verify-email/verify-email.handle.ts')
  )) as typeof import('../../command-api/src/user/verify-email/verify-email.handle.ts')),
  ...((await import(
    join(source, 'user/reject-registration/reject-registration.handle.ts')
  )) as typeof import('../../command-api/src/user/reject-registration/reject-registration.handle.ts')),
  ...((await import(
    join(source, 'user/update-user/update-user.handle.ts')
  )) as typeof import('../../command-api/src/user/update-user/update-user.handle.ts')),
  ...((await import(
    join(source, 'user/confirm-email-change/confirm-email-change.handle.ts')
  )) as typeof import('../../command-api/src/user/confirm-email-change/confirm-email-change.handle.ts')),
  ...((await import(
    join(source, 'user/erase-user/erase-user.handle.ts')
  )) as typeof import('../../command-api/src/user/erase-user/erase-user.handle.ts')),
  ...((await import(
    join(source, 'first-admin/first-admin.handle.ts')
  )) as typeof import('../../command-api/src/first-admin/first-admin.handle.ts')),
  ...((await import(
    join(source, 'session/login/login.handle.ts')
  )) as typeof import('../../command-api/src/session/login/login.handle.ts')),
  ...((await import(
    join(source, 'session/refresh/refresh.handle.ts')
  )) as typeof import('../../command-api/src/session/refresh/refresh.handle.ts')),
  ...((await import(
    join(source, 'session/logout/logout.handle.ts')
  )) as typeof import('../../command-api/src/session/logout/logout.handle.ts')),
  ...((await import(
    join(source, 'user/expire-registration/sweep-registrations.handle.ts')
  )) as typeof import('../../command-api/src/user/expire-registration/sweep-registrations.handle.ts')),
  ...((await import(
    join(source, 'user/change-password/change-password.handle.ts')
  )) as typeof import('../../command-api/src/user/change-password/change-password.handle.ts')),
  ...((await import(
    join(source, 'user/request-password-reset/request-password-reset.handle.ts')
  )) as typeof import('../../command-api/src/user/request-password-reset/request-password-reset.handle.ts')),
  ...((await import(
    join(source, 'user/reset-password/reset-password.decide.ts')
  )) as typeof import('../../command-api/src/user/reset-password/reset-password.decide.ts')),
  ...((await import(
    join(source, 'user/accept-invitation/accept-invitation.decide.ts')
  )) as typeof import('../../command-api/src/user/accept-invitation/accept-invitation.decide.ts')),
  ...((await import(
    join(source, 'user/resend-invitation/resend-invitation.handle.ts')
  )) as typeof import('../../command-api/src/user/resend-invitation/resend-invitation.handle.ts')),
  ...((await import(
    join(source, 'user/request-erasure/request-erasure.handle.ts')
  )) as typeof import('../../command-api/src/user/request-erasure/request-erasure.handle.ts')),
  ...((await import(
    join(source, 'user/confirm-erasure/confirm-erasure.handle.ts')
  )) as typeof import('../../command-api/src/user/confirm-erasure/confirm-erasure.handle.ts')),
  ...((await import(
    join(source, 'user/cancel-erasure/cancel-erasure.handle.ts')
  )) as typeof import('../../command-api/src/user/cancel-erasure/cancel-erasure.handle.ts')),
  ...((await import(
    join(source, 'password/set-by-link.handle.ts')
  )) as typeof import('../../command-api/src/password/set-by-link.handle.ts')),
  ...((await import(
    join(source, 'session/logout-everywhere/logout-everywhere.handle.ts')
  )) as typeof import('../../command-api/src/session/logout-everywhere/logout-everywhere.handle.ts')),
  ...((await import(
    join(source, 'api-key/create-api-key/create-api-key.handle.ts')
  )) as typeof import('../../command-api/src/api-key/create-api-key/create-api-key.handle.ts')),
  ...((await import(
    join(source, 'api-key/revoke-api-key/revoke-api-key.handle.ts')
  )) as typeof import('../../command-api/src/api-key/revoke-api-key/revoke-api-key.handle.ts')),
  ...((await import(
    join(source, 'operations/redrive/redrive.handle.ts')
  )) as typeof import('../../command-api/src/operations/redrive/redrive.handle.ts')),
});

export type Handlers = Awaited<ReturnType<typeof loadHandlers>>;

/** A fault to plant: the text in a source file, and what stands there instead. */
export interface Plant {
  readonly file: string;
  readonly text: string;
  readonly instead: string;
}

/** Loads a copy of the handlers with faults in it. The copy is gone when `use` ends. */
export const withPlanted = async <Result>(
  plants: readonly Plant[],
  use: (handlers: Handlers) => Promise<Result>,
): Promise<Result> => {
  const cache = join(ROOT, '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'planted-'));
  try {
    await cp(join(ROOT, 'command-api/src'), folder, { recursive: true });
    for (const { file, text, instead } of plants) {
      const source = await readFile(join(folder, file), 'utf8');
      if (source.split(text).length !== 2)
        throw new Error(`${file} must hold exactly once what the fault replaces: ${text}`);
      await writeFile(
        join(folder, file),
        source.replace(text, () => instead),
      );
    }
    return await use(await loadHandlers(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
};
