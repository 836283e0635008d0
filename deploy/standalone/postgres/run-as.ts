import { spawnSync, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * As whom PostgreSQL runs. It refuses to run as root, so root lends it an existing user without privileges, either for
 * real, or (where that user cannot reach the files) only inside a user namespace, whose one user stands for root.
 */
export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'user'; readonly name: string; readonly uid: number; readonly gid: number }
  | { readonly kind: 'namespace'; readonly name: string; readonly uid: number; readonly gid: number };

/** What `child_process.spawn` needs to run a program as somebody. */
export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'>;
}

// Not the parent's environment: it holds secrets, and PG* variables would change what PostgreSQL does.
const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** How to run `file` with `args` as `runAs`. The process id stays that of the spawned child: `unshare` execs. */
export function invocation(runAs: RunAs, file: string, args: readonly string[]): Invocation {
  const options = { cwd: '/', env: environment };
  if (runAs.kind === 'self') return { file, args, options };
  if (runAs.kind === 'user') return { file, args, options: { ...options, uid: runAs.uid, gid: runAs.gid } };
  const mapping = ['-U', `--map-user=${String(runAs.uid)}`, `--map-group=${String(runAs.gid)}`];
  return { file: 'unshare', args: [...mapping, '--', file, ...args], options };
}

/** The numeric owner that PostgreSQL's data folder must have under `runAs`; undefined: leave it as it is. */
export function dataOwner(runAs: RunAs): { uid: number; gid: number } | undefined {
  if (runAs.kind === 'self') return undefined;
  return runAs.kind === 'user' ? { uid: runAs.uid, gid: runAs.gid } : { uid: 0, gid: 0 };
}

/** `postgres`, else `nobody`: an account that the machine already has. Accounts are never created. */
export function unprivilegedUser(passwd: string): { name: string; uid: number; gid: number } | undefined {
  const accounts = passwd.split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = accounts.find(([account]) => account === wanted) ?? [];
    if (name !== undefined && Number(uid) > 0 && Number(gid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

const succeeds = (runAs: RunAs, file: string, args: readonly string[]): boolean => {
  const call = invocation(runAs, file, args);
  return spawnSync(call.file, call.args, { ...call.options, stdio: 'ignore', timeout: 10_000 }).status === 0;
};

/**
 * Decides by trying: who can run `postgres` and enter `dataDir` (which must exist)?
 *
 * @throws an Error with one sentence that says what to set, where nobody can.
 */
export function chooseRunAs(postgres: string, dataDir: string): RunAs {
  if (process.getuid?.() !== 0) return { kind: 'self' };
  const user = unprivilegedUser(readFileSync('/etc/passwd', 'utf8'));
  if (user === undefined) {
    throw new Error(
      'PostgreSQL refuses to run as root and this machine has no user "postgres" or "nobody": start as an ordinary user, or set DATABASE_URL.',
    );
  }
  const asUser: RunAs = { kind: 'user', ...user };
  if (succeeds(asUser, postgres, ['--version']) && succeeds(asUser, 'test', ['-x', dataDir])) return asUser;
  const inNamespace: RunAs = { kind: 'namespace', ...user };
  if (succeeds(inNamespace, postgres, ['--version']) && succeeds(inNamespace, 'test', ['-x', dataDir]))
    return inNamespace;
  throw new Error(
    `PostgreSQL refuses to run as root, and the user "${user.name}" cannot reach ${postgres} or ${dataDir}: ` +
      'start as an ordinary user, move the checkout and set DATA_DIR to a folder that every user may enter, or set DATABASE_URL.',
  );
}
