import { beforeEach, describe, expect, test } from '@jest/globals';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { MemoryEventStore } from '@rollbook/shared/event-log/memory/memory-event-store';
import { sealedEventLog } from '@rollbook/shared/event-log/sealed-event-log';
import { MINUTE } from '@rollbook/shared/kernel/clock';
import { systemClock as clock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom as random } from '@rollbook/shared/kernel/system-random';
import { Authority } from '@rollbook/shared/person/authority';
import { EndingMemory } from '@rollbook/shared/person/ending-memory';
import { MemoryKeyRing } from '@rollbook/shared/personal-data/memory-key-ring';
import { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { countingStore } from '../../support/counting-store.ts';
import { endSession, signIn, tokenKeys, tokenRules, type SignedIn } from '../../support/signed-in.ts';

let counting: ReturnType<typeof countingStore>;
let log: EventLog;
let memory: EndingMemory;
let authority: Authority;
/** What the watch says of itself, and what happens while it is asked. */
let isCurrent: () => boolean;
let person: SignedIn;

beforeEach(async () => {
  counting = countingStore(new MemoryEventStore({ clock }));
  const { store } = counting;
  log = sealedEventLog({ store, keys: new MemoryKeyRing({ random }), clock, random });
  memory = new EndingMemory(15 * MINUTE);
  memory.begin(-Infinity);
  isCurrent = () => true;
  const watch = { isCurrent: () => Promise.resolve().then(() => isCurrent()), isAway: () => Promise.resolve(false) };
  authority = new Authority(log, new TokenVerifier(tokenKeys, tokenRules), clock, { memory, watch });
  person = await signIn(log, 'manager');
  counting.reads.streams = 0;
});

const bearer = (): string => person.headers.Authorization.slice('Bearer '.length);
/** The role that a look finds, or why there is none; and how many streams it read. */
const look = async (how: 'look' | 'check' = 'look'): Promise<readonly [string, number]> => {
  const before = counting.reads.streams;
  const caller = await authority[how](bearer());
  return [isRejection(caller) ? caller.rejection : caller.role, counting.reads.streams - before];
};
/** Ends the session; `heard`: the memory is told. */
const end = async ({ heard }: { readonly heard: boolean }): Promise<void> => {
  await endSession(log, person);
  const stored = (await counting.store.read(`session-${person.sessionId}`)).at(-1);
  if (heard && stored) memory.note(stored, clock.now());
};

describe('Who asks', () => {
  test('is known without the log while the memory is current, and by the log for a command', async () => {
    expect(await look()).toStrictEqual(['manager', 0]);
    expect(await look('check')).toStrictEqual(['manager', 2]);
  });

  test('is looked up in the log while the memory is not known to be current', async () => {
    isCurrent = () => false;
    expect(await look()).toStrictEqual(['manager', 2]);
    await end({ heard: false });
    expect((await look())[0]).toBe('session_ended');
  });

  test('is looked up in the log where the token is older than what the memory goes back to', async () => {
    memory.begin(clock.now());
    expect(await look()).toStrictEqual(['manager', 2]);
  });

  test('is refused without the log, by queries and commands, once the memory knows', async () => {
    await end({ heard: true });
    isCurrent = () => false;
    counting.reads.streams = 0;
    expect([await look(), await look('check')]).toStrictEqual([
      ['session_ended', 0],
      ['session_ended', 0],
    ]);
  });

  test('is refused by what the memory hears while the watch is asked', async () => {
    await endSession(log, person);
    const stored = (await counting.store.read(`session-${person.sessionId}`)).at(-1);
    isCurrent = () => {
      if (stored) memory.note(stored, clock.now());
      return true;
    };
    expect((await look())[0]).toBe('session_ended');
  });

  test('is looked up in the log when the memory was forgotten meanwhile', async () => {
    await end({ heard: false });
    isCurrent = () => {
      memory.begin(-Infinity);
      return true;
    };
    expect((await look())[0]).toBe('session_ended');
  });
});
