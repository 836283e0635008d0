import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sessionStream } from '@rollbook/shared/contracts/streams';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Authority } from '@rollbook/shared/person/authority';
import { foldSession } from '@rollbook/shared/person/session.state';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { readPerson } from '../../command/read-person.ts';
import { endSession } from '../end-session.handle.ts';
import { refuseRevocation } from './revoke-session.decide.ts';

export interface RevokeSessionPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Authority;
}

/** Ends one session of a person; `done` also when it had ended before. `If-Match` means the person. */
export const revokeSession = async (
  ports: RevokeSessionPorts,
  command: Command,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string },
): Promise<'done' | Rejection> => {
  const caller = await ports.authority.check(command.bearer);
  if (isRejection(caller)) return caller;
  const { person, events } = await readPerson(ports.log, userId);
  const session = foldSession((await ports.log.read(sessionStream(sessionId))).events);
  const refused = refuseRevocation({ caller, userId, person, session }) ?? refuseIfMatch(command.ifMatch, events);
  if (refused) return refused;
  const context = writeContext(command, command.idOf(0), personActor(caller.userId));
  return endSession(ports, sessionId, 'revoked', context);
};
