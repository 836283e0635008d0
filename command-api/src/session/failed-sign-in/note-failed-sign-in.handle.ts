import { signinStream } from '@rollbook/shared/contracts/streams';
import type { Actor } from '@rollbook/shared/event-log/event';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { readSince } from '@rollbook/shared/event-log/read-since';
import { HOUR, type Clock } from '@rollbook/shared/kernel/clock';
import type { Random } from '@rollbook/shared/kernel/random';
import { writeContext, type Command } from '../../command/command.ts';
import type { SignInRefusals } from '../../credential-limits/sign-in-refusals.ts';
import { mayRecord } from './failed-sign-in.decide.ts';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Turns } from '@rollbook/shared/kernel/turns';

export interface NoteFailurePorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly refusals: SignInRefusals;
  readonly turns: Turns;
}

export interface FailedSignIn {
  readonly userId: string;
  readonly where: 'sign-in' | 'current-password';
  readonly actor: Actor;
}

/**
 * Records that somebody gave a wrong password for a person. The log itself says how many it has of the last hour, at the
 * exact end that is appended to, so that no number of copies writes more; what is too much is counted. Runs after the
 * answer, so that its time tells nobody that there is such a person.
 */
export const noteFailedSignIn = (ports: NoteFailurePorts, command: Command, failure: FailedSignIn): Promise<void> =>
  ports.turns.run(failure.userId, () => note(ports, command, failure));

const note = async (
  ports: NoteFailurePorts,
  command: Command,
  { userId, where, actor }: FailedSignIn,
): Promise<void> => {
  const { log, clock, random } = ports;
  const stream = signinStream(userId);
  const context = writeContext(command, command.idOf(0), actor);
  // Of its own: a command that is sent again with its key and fails again has failed twice.
  const id = random.uuid();
  const outcome = await inRounds<'recorded' | 'too-many'>(ports, async () => {
    const { events, end } = await readSince(log, stream, clock.now() - HOUR);
    if (events.some((event) => event.id === id)) return 'recorded';
    if (!mayRecord(events, clock.now())) return 'too-many';
    await log.append(stream, end, [{ type: 'SignInFailed', data: { where }, personal: null }], context, [id]);
    return AGAIN;
  });
  if (outcome === 'too-many') await ports.refusals.add(userId);
};
