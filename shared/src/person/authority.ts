import type { Role } from '../contracts/roles.ts';
import { isRejection, reject, type Rejection } from '../contracts/rejections.ts';
import { sessionStream, userStream } from '../contracts/streams.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { LogWatch } from '../event-log/log-watch.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AccessClaims, TokenVerifier } from '../tokens/access-tokens.ts';
import type { EndingMemory } from './ending-memory.ts';
import { foldPerson } from './person.state.ts';
import { endsSession } from './session-endings.ts';
import { foldSession } from './session.state.ts';

/** A signed-in person. The role is the one that they have now: whatever changes it ends their sessions. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
}

/** What ended sessions of late, and whether that is known up to now. */
export interface RecentEndings {
  readonly memory: EndingMemory;
  readonly watch: Pick<LogWatch, 'isCurrent' | 'isAway'>;
}

/**
 * Decides who asks. A token's claims are not authority: what happened since is looked at for every request, in memory
 * where that is current, else in the two streams. Both say 401 to the same tokens.
 */
export class Authority {
  readonly #log: EventLog;
  readonly #verifier: TokenVerifier;
  readonly #clock: Clock;
  readonly #recent: RecentEndings | null;

  /** Without `recent` every look reads the log. */
  constructor(log: EventLog, verifier: TokenVerifier, clock: Clock, recent: RecentEndings | null = null) {
    this.#log = log;
    this.#verifier = verifier;
    this.#clock = clock;
    this.#recent = recent;
  }

  /**
   * The caller as the log says now, or why they are not let in (401): what a command decides by. Throws
   * StoreUnavailable when the log cannot be read.
   */
  async check(bearer: string | null): Promise<Caller | Rejection> {
    const claims = this.identify(bearer);
    return isRejection(claims) ? claims : this.#readStreams(claims);
  }

  /**
   * The caller as the log said at most 500 ms ago: what a query answers to, and a command's first look. Reads the log
   * only where the memory is not known to be current. Throws StoreUnavailable when that read fails.
   */
  async look(bearer: string | null): Promise<Caller | Rejection> {
    const claims = this.identify(bearer);
    if (isRejection(claims)) return claims;
    if (this.#recent) {
      const { memory, watch } = this.#recent;
      const { beginnings } = memory;
      // Asked for currency first: what came meanwhile counts.
      if (memory.covers(claims) && (await watch.isCurrent()) && memory.beginnings === beginnings)
        return memory.hasEnded(claims) ? reject('session_ended') : callerOf(claims);
    }
    return this.#readStreams(claims);
  }

  /** The claims of a token that nothing known here has ended; not more than that. */
  identify(bearer: string | null): AccessClaims | Rejection {
    if (bearer === null) return reject('token_missing');
    const claims = claimsOf(this.#verifier, bearer, this.#clock.now());
    if (isRejection(claims)) return claims;
    // What has ended stays so: to know it the memory need not be current.
    return this.#recent?.memory.hasEnded(claims) ? reject('session_ended') : claims;
  }

  async #readStreams(claims: AccessClaims): Promise<Caller | Rejection> {
    const { sub, sid, ver } = claims;
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
    return { ...callerOf(claims), role: person.role };
  }
}

/** The claims of a token that is one of ours and has not expired at `now` (ms since 1970), by its signature alone. */
export const claimsOf = (verifier: TokenVerifier, bearer: string, now: number): AccessClaims | Rejection => {
  const verified = verifier.access(bearer, now);
  if (verified.outcome === 'good') return verified.claims;
  return reject(verified.outcome === 'expired' ? 'token_expired' : 'token_invalid');
};

/** The caller by their token alone: right as long as nothing has ended the session. */
export const callerOf = ({ sub, sid, role }: AccessClaims): Caller => ({ userId: sub, sessionId: sid, role });
