import { signinStream } from '@rollbook/shared/contracts/streams';
import { readSince } from '@rollbook/shared/event-log/read-since';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { fromInstant, MINUTE } from '@rollbook/shared/kernel/clock';
import { repeat } from '@rollbook/shared/kernel/repeat';
import { SYSTEM } from '../../command/command.ts';
import { readPerson } from '../../command/read-person.ts';
import type { RefusedSignIns } from '../../credential-limits/sign-in-refusals.ts';
import type { NoteFailurePorts } from './note-failed-sign-in.handle.ts';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';

type ReportPorts = Omit<NoteFailurePorts, 'turns'>;

/**
 * Records how many sign-ins were refused in each hour that is over: one event a person and hour, whoever else reports at
 * the same time, and wherever one of them stops.
 */
export const reportRefusedSignIns = async (ports: ReportPorts): Promise<void> => {
  for (const refused of await ports.refusals.ended()) {
    await report(ports, refused);
    await ports.refusals.remove(refused);
  }
};

const report = (ports: ReportPorts, { userId, from, count }: RefusedSignIns): Promise<'done'> => {
  const stream = signinStream(userId);
  const id = derivedUuid('sign-ins-refused', stream, from);
  const nobody = { actor: SYSTEM, origin: null, requestId: 'hourly', correlationId: 'hourly', causationId: null };
  return inRounds<'done'>(ports, async () => {
    const { person } = await readPerson(ports.log, userId);
    if (person.existence !== 'registered') return 'done';
    const { events, end } = await readSince(ports.log, stream, fromInstant(from));
    if (events.some((event) => event.id === id)) return 'done';
    const event = { type: 'SignInsRefused', data: { from, count }, personal: null } as const;
    await ports.log.append(stream, end, [event], { ...nobody, commandId: id }, [id]);
    return AGAIN;
  });
};

/** Reports every minute what is over, until the signal. Never rejects. */
export const reportEveryMinute = (
  ports: ReportPorts,
  onFault: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<void> =>
  repeat({ clock: ports.clock, onFault, signal }, async () => {
    await reportRefusedSignIns(ports);
    return MINUTE;
  });
