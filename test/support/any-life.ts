import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { ROLES } from '@rollbook/shared/contracts/roles';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import { SAMPLE_EVENTS } from './sample-events.ts';

export interface Happening {
  readonly stream: string;
  readonly event: AnyNewEvent;
}

const BEGINNINGS: ReadonlySet<string> = new Set(['UserRegistered', 'RegistrationAbandoned', 'PersonErased']);
/** Whatever may stand in a person's two streams, whether or not a command would ever write it there. */
const TYPES = Object.values(SAMPLE_EVENTS)
  .filter(({ stream, event }) => /^(?:user|signin)-/.test(stream) && !BEGINNINGS.has(event.type))
  .map(({ stream, event }) => ({ inUserStream: stream.startsWith('user-'), event }));

/** The same event with values of its own wherever it shows in the person. */
const varied = (event: AnyNewEvent, draw: () => number): AnyNewEvent => {
  const word = `w${draw().toString(36).slice(2, 10)}`;
  const email = `${word}@example.com`;
  const role = ROLES[Math.floor(draw() * ROLES.length)] ?? 'user';
  switch (event.type) {
    case 'ProfileChanged': {
      const all = { name: word, firstName: word, lastName: null, phone: null, preferences: { word } };
      const kept = Object.entries(all).filter(() => draw() < 0.5);
      return { ...event, personal: Object.fromEntries(kept) };
    }
    case 'UsernameChanged':
      return { ...event, personal: { username: word } };
    case 'EmailChangeRequested':
    case 'EmailChanged':
      return { ...event, personal: { ...event.personal, email } };
    case 'RoleChanged':
      return { ...event, data: { ...event.data, to: role } };
    default:
      return event;
  }
};

/** What happens to one person, of `length` events: drawn from all that there are, now and then up to their erasure. */
export const anyLife = (length: number, draw: () => number): { readonly id: string; readonly life: Happening[] } => {
  const id = randomUUID();
  const own = userStream(id);
  const { event: begun } = SAMPLE_EVENTS.UserRegistered;
  const data = { ...begun.data, via: draw() < 0.5 ? ('self' as const) : ('staff' as const) };
  const life: Happening[] = [{ stream: own, event: { ...begun, data } }];
  while (life.length < length) {
    const drawn = TYPES[Math.floor(draw() * TYPES.length)];
    if (drawn) life.push({ stream: drawn.inUserStream ? own : signinStream(id), event: varied(drawn.event, draw) });
    // Most of what shows of a sign-in stream is a sign-in.
    if (draw() < 0.15) life.push({ stream: signinStream(id), event: SAMPLE_EVENTS.SignedIn.event });
  }
  if (draw() < 0.15) life.push({ stream: own, event: SAMPLE_EVENTS.PersonErased.event });
  return { id, life };
};
