import { randomUUID } from 'node:crypto';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import { NO_STREAM, type EventStore } from '@rollbook/shared/event-log/port';

/** One append of one event to a stream of its own, as a sign-in leaves them behind. */
const appendOne = async (store: EventStore): Promise<number> => {
  const person = randomUUID();
  const stream = `signin-${person}`;
  const unhashed = {
    ...{ id: randomUUID(), type: 'SignedIn', schemaVersion: 1, stream, revision: 0 },
    recordedAt: new Date().toISOString(),
    data: { sessionId: randomUUID() },
    personal: [{ subject: person, keyId: randomUUID(), nonce: 'AAAAAAAAAAAAAAAA', ciphertext: 'A'.repeat(96) }],
    metadata: {
      actor: { kind: 'person', id: person } as const,
      ...{ requestId: `req_${randomUUID()}`, correlationId: person, causationId: null, commandId: randomUUID() },
      previousHash: null,
    },
  };
  const event = { ...unhashed, metadata: { ...unhashed.metadata, hash: hashEvent(unhashed) } };
  const from = performance.now();
  const { outcome } = await store.append({ stream, expectedRevision: NO_STREAM, events: [event] });
  if (outcome !== 'stored') throw new Error(`An append was answered ${outcome}`);
  return performance.now() - from;
};

/** Appends `rate` times a second for `seconds`, whatever each takes; gives what each took, in ms. */
export const appendAt = async (store: EventStore, rate: number, seconds: number): Promise<readonly number[]> => {
  const begun = performance.now();
  const appends: Promise<number>[] = [];
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.ceil(((performance.now() - begun) / 1_000) * rate));
    for (; sent < due; sent += 1) appends.push(appendOne(store));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Promise.all(appends);
};
