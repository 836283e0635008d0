import { createHmac, randomUUID } from 'node:crypto';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import type { WriteContext } from '@rollbook/shared/event-log/event-log';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { NameDigests } from '@rollbook/shared/person/name-digests';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { KEY_LIFETIME, type Command } from '../../command-api/src/command/command.ts';
import { noLimits } from '../../command-api/src/credential-limits/credential-limits.ts';
import { memorySignInRefusals } from '../../command-api/src/credential-limits/memory-sign-in-refusals.ts';
import { Turns } from '@rollbook/shared/kernel/turns';
import { HashingQueue } from '../../command-api/src/password/hashing-queue.ts';
import { PasswordHashes, type SlowHash } from '../../command-api/src/password/password-hashes.ts';
import type { Registration } from '../../command-api/src/user/register-user/registration.ts';

/** A clock that only a test moves; sleeping moves it too. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-01-02T03:04:05.678Z');
  now(): number {
    return this.#now;
  }
  sleep(ms: number): Promise<void> {
    this.#now += ms;
    return Promise.resolve();
  }
  pass(ms: number): void {
    this.#now += ms;
  }
}

/** A hash that costs nothing; keeps bcrypt's promise that equal inputs match. */
export const cheapHash: SlowHash = {
  hash: (input) => Promise.resolve(createHmac('sha256', 'cheap').update(input).digest('hex')),
  compare: (input, hash) => Promise.resolve(createHmac('sha256', 'cheap').update(input).digest('hex') === hash),
};

/** The parts that handlers of commands work with, in memory. */
export const commandRig = ({ slowHash = cheapHash, places = 8 }: { slowHash?: SlowHash; places?: number } = {}) => {
  const clock = new ManualClock();
  const random = systemRandom;
  const store = new MemoryEventStore({ clock });
  const keys = new MemoryKeyRing({ random });
  const log = sealedEventLog({ store, keys, clock, random });
  const digestKey = Buffer.alloc(32, 7);
  const hashes = new PasswordHashes(slowHash, [{ id: 'p1', secret: Buffer.alloc(32, 1) }], 4);
  const queue = new HashingQueue({ lanes: 2, places });
  const digests = new NameDigests(digestKey);
  const pendingTtl = 7 * 24 * 3_600_000;
  const refusals = memorySignInRefusals(clock);
  const turns = new Turns();
  return {
    clock,
    random,
    store,
    keys,
    log,
    digestKey,
    hashes,
    queue,
    limits: noLimits,
    refusals,
    turns,
    digests,
    pendingTtl,
  };
};

/** One request; with a seed it is a keyed command whose repeats have the same ids. */
export const aCommand = (seed?: string): Command => {
  const once = seed ?? randomUUID();
  return {
    idOf: (attempt) => derivedUuid('test command', once, String(attempt)),
    keyed: seed !== undefined,
    lifetime: KEY_LIFETIME,
    ifMatch: null,
    bearer: null,
    requestId: 'req_test',
    correlationId: 'req_test',
    origin: { address: '192.0.2.7', userAgent: 'test' },
  };
};

export const systemContext = (): WriteContext => ({
  actor: { kind: 'system', id: null },
  origin: null,
  requestId: 'req_test',
  correlationId: 'req_test',
  causationId: null,
  commandId: randomUUID(),
});

/** Somebody's registration by themselves. */
export const aRegistration = (change: Partial<Registration> = {}): Registration => ({
  email: 'Ada@example.com',
  canonicalEmail: 'ada@example.com',
  username: 'ada_l',
  usernameMayDiffer: false,
  secret: { password: 'Correct-Horse-7' },
  name: null,
  firstName: null,
  lastName: null,
  phone: null,
  preferences: {},
  role: 'user',
  portal: null,
  ...change,
});
