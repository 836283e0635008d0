import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { appendContract } from './event-store-append.contract.ts';
import { followContract } from './event-store-follow.contract.ts';
import { readContract } from './event-store-read.contract.ts';

/** One log, and as many ways into it as a test wants. */
export interface LogUnderTest {
  /** Another instance over the same log, as another process would have it. */
  open(): EventStore;
  /** Ends all instances and removes the log. */
  end(): Promise<void>;
}

/** What each test gets: the log's first instance and the way to more. */
export interface LogFixture {
  readonly store: EventStore;
  readonly open: () => EventStore;
}

/** Every promise of `event-log/port.ts`, for one adapter. */
export const eventStoreContract = (name: string, prepare: () => Promise<LogUnderTest>): void => {
  describe(`The event log in ${name}`, () => {
    let log: LogUnderTest;
    let store: EventStore;
    beforeAll(async () => {
      log = await prepare();
      store = log.open();
    });
    afterAll(() => log.end());
    const fixture = (): LogFixture => ({ store, open: () => log.open() });
    appendContract(fixture);
    readContract(fixture);
    followContract(fixture);
  });
};
