import { definitionOf, EVENTS, type AnyEvent } from '../contracts/events/all-events.ts';
import { sessionStream, userStream } from '../contracts/streams.ts';
import { UnreadableEvent } from '../event-log/errors.ts';
import type { StoredEvent } from '../event-log/event.ts';
import type { WatchedMemory } from '../event-log/log-watch.ts';
import { upcast } from '../event-log/upcast.ts';
import { MINUTE, SECOND } from '../kernel/clock.ts';
import { endingOf, endsSession, endsSessions, type SessionEnding } from './session-endings.ts';

/** What a token says of its session. */
export interface TokenClaims {
  readonly sub: string;
  readonly sid: string;
  readonly ver: number;
  /** Seconds since 1970. */
  readonly iat: number;
}

interface Ending extends SessionEnding {
  readonly stream: string;
  /** When it was heard of, ms since 1970. */
  readonly at: number;
}

/** Beyond the life of an access token: for clocks that differ, and for a sign-in that waits for its password's hash. */
const MARGIN = 5 * MINUTE;
/** Of the margin, what a token's own time is given: the rest is for the verifier's leeway. */
const LATEST_ENDING = 4 * MINUTE;
/** All events after which a session is over. */
const ENDINGS: readonly string[] = [...EVENTS.map(({ type }) => type).filter(endsSessions), 'SessionEnded'];
/** Endings kept at most: about 30 MB. */
const MOST = 100_000;

/**
 * What ended sessions of late: endings in people's streams and ended sessions, for as long as an access token that they
 * concern may still be shown. An ending only says no; that a token is good needs `covers`, and a watch that is current.
 */
export class EndingMemory implements WatchedMemory {
  readonly types = ENDINGS;
  /** How far back (ms) the log has to be read. */
  readonly age: number;
  readonly #most: number;
  /** By place, so that what is heard of twice counts once; the oldest first. */
  readonly #endings = new Map<string, Ending>();
  readonly #byStream = new Map<string, Set<Ending>>();
  #since = Infinity;
  #beginnings = 0;

  /** `accessTtl` in ms: ACCESS_TOKEN_TTL. */
  constructor(accessTtl: number, { most = MOST }: { readonly most?: number } = {}) {
    this.age = accessTtl + MARGIN;
    this.#most = most;
  }

  get size(): number {
    return this.#endings.size;
  }

  /** How often everything was forgotten: what is said across one of these times proves nothing. */
  get beginnings(): number {
    return this.#beginnings;
  }

  begin(since: number): void {
    this.#beginnings += 1;
    this.#endings.clear();
    this.#byStream.clear();
    this.#since = since;
  }

  note(event: StoredEvent, at: number): void {
    const place = `${event.stream}@${String(event.revision)}`;
    if (this.#endings.has(place)) return;
    const ending = { stream: event.stream, at, ...whatEnds(event) };
    this.#endings.set(place, ending);
    const known = this.#byStream.get(event.stream) ?? new Set();
    this.#byStream.set(event.stream, known.add(ending));
    this.#forget(at);
  }

  /** Whether an event that is known here ended the token's session. */
  hasEnded({ sub, sid, ver }: TokenClaims): boolean {
    if (this.#byStream.has(sessionStream(sid))) return true;
    const endings = [...(this.#byStream.get(userStream(sub)) ?? [])];
    return endsSession({ endings }, sid, ver);
  }

  /** Whether everything was heard of that may have ended the session after the token was made. */
  covers({ iat }: TokenClaims): boolean {
    return iat * SECOND - LATEST_ENDING >= this.#since;
  }

  #forget(now: number): void {
    for (const [place, ending] of this.#endings) {
      if (ending.at > now - this.age && this.#endings.size <= this.#most) return;
      this.#endings.delete(place);
      const known = this.#byStream.get(ending.stream);
      known?.delete(ending);
      if (known?.size === 0) this.#byStream.delete(ending.stream);
      // What was forgotten happened before it was heard of.
      this.#since = Math.max(this.#since, ending.at);
    }
  }
}

const whatEnds = (event: StoredEvent): SessionEnding => {
  const version = definitionOf(event.type)?.schemaVersion ?? 0;
  if (event.schemaVersion > version)
    throw new UnreadableEvent(`This program does not know ${event.type} in version ${String(event.schemaVersion)}`);
  const { data } = upcast(event.type, event.schemaVersion, version, { data: event.data, personal: null });
  const { revision } = event;
  return endingOf({ ...event, data } as unknown as AnyEvent) ?? { revision, keptSessionId: null };
};
