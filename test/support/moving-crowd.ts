import { randomUUID } from 'node:crypto';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { signinStream, userStream } from '@rollbook/shared/contracts/streams';
import type { Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { useSchema } from '../../projector/src/project-in-order/apply-page.ts';
import { userDirectory } from '../../projector/src/user-directory/user-directory.ts';
import { opened, registration } from './people.ts';

/** What came to pass for one person. */
interface Happened {
  readonly id: string;
  readonly event: AnyNewEvent;
}

const ERASED: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };

/** Rows of the list are brought there, changed and taken away as the projector does it: by its own read model. */
export class MovingCrowd {
  readonly #pool: Pool;
  readonly #draw: () => number;
  /** The next revisions of a person's two streams. */
  readonly #next = new Map<string, { own: number; signIns: number }>();
  /** In ms since 1970: every event is later than the ones before, but many are recorded in the same millisecond. */
  #now = Date.UTC(2026, 0, 1);

  constructor(pool: Pool, draw: () => number) {
    this.#pool = pool;
    this.#draw = draw;
  }

  /** Brings so many people; `signedIn`: this share of them has signed in. */
  async come(count: number, signedIn = 0.5): Promise<readonly string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    const registered = ids.map((id) => {
      // Few values, so that many people are equal by them.
      const word = `w${String(Math.floor(this.#draw() * 500))}`;
      return { id, event: registration(word, { via: 'staff' }, { name: word.slice(0, 3) }) };
    });
    const in_ = ids.filter(() => this.#draw() < signedIn).map((id) => ({ id, event: this.#signIn() }));
    await this.#apply([...registered, ...in_]);
    return ids;
  }

  /** Erases these people. */
  go(ids: readonly string[]): Promise<void> {
    return this.#apply(ids.map((id) => ({ id, event: ERASED })));
  }

  /** These people take another name and sign in: their place by `name`, `updated_at` and `last_login` is another. */
  async move(ids: readonly string[]): Promise<void> {
    const named = ids.map((id): Happened => {
      const personal = { name: `w${String(Math.floor(this.#draw() * 500))}` };
      return { id, event: { type: 'ProfileChanged', data: { fields: ['name'] }, personal } };
    });
    await this.#apply([...named, ...ids.map((id) => ({ id, event: this.#signIn() }))]);
  }

  #signIn(): AnyNewEvent {
    return { type: 'SignedIn', data: { sessionId: randomUUID() }, personal: null };
  }

  async #apply(happened: readonly Happened[]): Promise<void> {
    const events = happened.map(({ id, event }) => {
      const next = this.#next.get(id) ?? { own: 0, signIns: 0 };
      this.#next.set(id, next);
      if (this.#draw() < 0.3) this.#now += 1;
      const at = new Date(this.#now).toISOString();
      return event.type === 'SignedIn'
        ? opened(signinStream(id), next.signIns++, event, at)
        : opened(userStream(id), next.own++, event, at);
    });
    await withTransaction(this.#pool, async (client) => {
      await useSchema(client);
      await userDirectory.apply(client, events);
    });
  }
}
