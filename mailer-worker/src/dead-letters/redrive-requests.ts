import type { Position } from '@rollbook/shared/event-log/event';
import type { DeadMails } from './dead-mails.ts';

/** A request to try the mails of an event again. */
export interface RedriveRequest {
  /** Of the request itself. */
  readonly requestId: string;
  readonly eventId: string;
  readonly position: Position;
}

/** Which requests were acted on. */
export interface RedriveRequests {
  /** Which of these requests were acted on. */
  handled(requestIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Acts on a request and remembers that, both or neither; on each request once, however many mailers try. Gives the mails
   * that wait again; null: somebody else was faster.
   */
  once(request: RedriveRequest, revive: (mails: DeadMails) => Promise<number>): Promise<number | null>;
}
