import type { Role } from '../contracts/roles.ts';
import { reject, type Rejection } from '../contracts/rejections.ts';
import { sessionStream, userStream } from '../contracts/streams.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Clock } from '../kernel/clock.ts';
import type { TokenVerifier } from '../tokens/access-tokens.ts';
import { endsSession, foldPerson, type Person } from './person.state.ts';
import { foldSession } from './session.state.ts';

/** A signed-in person, as the log knows them now. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  /** From the log, not from the token. */
  readonly role: Role;
  readonly person: Person;
}

/** Decides who asks. A token's claims are not authority: both streams are read for every request. */
export class Authority {
  readonly #log: EventLog;
  readonly #verifier: TokenVerifier;
  readonly #clock: Clock;

  constructor(log: EventLog, verifier: TokenVerifier, clock: Clock) {
    this.#log = log;
    this.#verifier = verifier;
    this.#clock = clock;
  }

  /** The caller, or why they are not let in (401). Throws StoreUnavailable when the log cannot be read. */
  async check(bearer: string | null): Promise<Caller | Rejection> {
    if (bearer === null) return reject('token_missing');
    const verified = this.#verifier.access(bearer, this.#clock.now());
    if (verified.outcome === 'bad') return reject('token_invalid');
    if (verified.outcome === 'expired') return reject('token_expired');
    const { sub, sid, ver } = verified.claims;
    const [sessionEvents, personEvents] = await Promise.all([
      this.#log.read(sessionStream(sid)),
      this.#log.read(userStream(sub)),
    ]);
    const session = foldSession(sessionEvents.events);
    const person = foldPerson(personEvents.events);
    if (session?.userId !== sub || session.ver !== ver) return reject('token_invalid');
    if (session.ended || session.expiresAt * 1_000 <= this.#clock.now()) return reject('session_ended');
    if (person.existence !== 'registered' || person.status !== 'active') return reject('session_ended');
    if (endsSession(person, sid, ver)) return reject('session_ended');
    return { userId: sub, sessionId: sid, role: person.role, person };
  }
}
