import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Authority, Caller } from '@rollbook/shared/person/authority';
import { runSafely, type SafeRetryPorts, type SafeRun } from './run-safely.ts';

export interface RunAsCallerPorts extends SafeRetryPorts {
  readonly authority: Pick<Authority, 'look' | 'check'>;
}

interface CallersCommand {
  readonly execute: (command: Parameters<SafeRun['execute']>[0], caller: Caller) => ReturnType<SafeRun['execute']>;
  /** Why the caller may not even begin; null: they may. Default: anybody who is signed in. */
  readonly mayBegin?: (caller: Caller) => Rejection | null;
  /** Why the caller, as the log says now, may not be told a stored answer; null: they may. Default: while signed in. */
  readonly mayRepeat?: (caller: Caller) => Promise<Rejection | null> | Rejection | null;
}

/** Runs a command of somebody signed in: who asks, safe retry, and who they are now before an answer is repeated. */
export const runAsCaller = async (
  ports: RunAsCallerPorts,
  context: RequestContext,
  { execute, mayBegin = () => null, mayRepeat = () => null }: CallersCommand,
): Promise<Answer | Rejection> => {
  const caller = await ports.authority.look(context.bearer);
  if (isRejection(caller)) return caller;
  const refused = mayBegin(caller);
  if (refused) return refused;
  return runSafely(ports, {
    context,
    caller: caller.userId,
    authorize: async () => {
      const now = await ports.authority.check(context.bearer);
      return isRejection(now) ? now : mayRepeat(now);
    },
    execute: (command) => execute(command, caller),
  });
};
