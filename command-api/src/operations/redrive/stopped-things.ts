import type { Stopped } from './redrive.decide.ts';

/** What the projector and the mailer have put aside. No part of the log: a read model and an inbox know it. */
export interface StoppedThings {
  /** Whether it stands still now. Throws StoreUnavailable when nobody can tell. */
  has(stopped: Stopped): Promise<boolean>;
}
