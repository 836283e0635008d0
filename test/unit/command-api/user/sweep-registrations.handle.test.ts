import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import type { Position } from '@rollbook/shared/event-log/event';
import { HOUR, MINUTE } from '@rollbook/shared/kernel/clock';
import {
  expireOverdue,
  sweepRegistrations,
  sweepRegistrationsHourly,
  type SweepProgress,
} from '../../../../command-api/src/user/expire-registration/sweep-registrations.handle.ts';
import { commandRig, systemContext } from '../../../support/command-rig.ts';
import { idAt } from '../../../support/given.ts';
import { registered, registeredByStaff, verificationRequested, verified } from '../../../support/happenings.ts';

const EXPIRED = ['RegistrationExpired', 'PersonErased'];

const notes = (): SweepProgress & { readonly kept: Position[] } => {
  const kept: Position[] = [];
  return {
    kept,
    find: () => Promise.resolve(kept.at(-1) ?? null),
    keep: (_logId, position) => {
      kept.push(position);
      return Promise.resolve();
    },
  };
};

const world = () => {
  const rig = commandRig();
  const append = async (n: number, ...events: readonly AnyNewEvent[]): Promise<void> => {
    const stream = userStream(idAt(n));
    const { end } = await rig.log.read(stream);
    await rig.log.append(stream, end.revision < 0 ? EMPTY_STREAM : end, events, systemContext());
  };
  const types = async (n: number): Promise<readonly string[]> =>
    (await rig.log.read(userStream(idAt(n)))).events.map(({ type }) => type);
  return { rig, append, types };
};

describe('The sweep of pending registrations', () => {
  test('erases who never verified in time, and nobody else', async () => {
    const { rig, append, types } = world();
    await append(1, registered(), verificationRequested());
    await append(2, registered(), verified(idAt(9)));
    await append(3, registeredByStaff);
    rig.clock.pass(rig.pendingTtl - 1);
    await append(4, registered());
    const progress = notes();
    expect(await sweepRegistrations(rig, progress)).toBe('done');
    expect(await types(1)).toHaveLength(2);

    rig.clock.pass(1);
    await sweepRegistrations(rig, progress);
    expect((await types(1)).slice(2)).toStrictEqual(EXPIRED);
    expect(await types(2)).toStrictEqual(['UserRegistered', 'EmailVerified']);
    expect(await types(3)).toStrictEqual(['UserRegistered']);
    expect(await types(4)).toStrictEqual(['UserRegistered']);

    rig.clock.pass(rig.pendingTtl - 1);
    await sweepRegistrations(rig, progress);
    expect((await types(4)).slice(1)).toStrictEqual(EXPIRED);
    const [event] = (await rig.log.read(userStream(idAt(4)))).events.slice(-1);
    expect(event?.metadata.actor).toStrictEqual({ kind: 'system', id: null });
  });

  test('goes on where it ended, and looks at everything where that was lost', async () => {
    const { rig, append, types } = world();
    await append(1, registered());
    await append(2, registered());
    rig.clock.pass(rig.pendingTtl);
    const progress = notes();
    await sweepRegistrations(rig, progress);
    const end = await rig.log.end();
    await sweepRegistrations(rig, progress);
    await sweepRegistrations(rig, notes());
    expect(progress.kept).toHaveLength(2);
    expect(progress.kept.every((position) => position <= (end ?? ''))).toBe(true);
    expect(await types(1)).toStrictEqual(['UserRegistered', ...EXPIRED]);
    expect(await types(2)).toStrictEqual(['UserRegistered', ...EXPIRED]);
  });

  test('is done once, however many copies do it at the same moment', async () => {
    const { rig, append, types } = world();
    const people = Array.from({ length: 20 }, (_, n) => n);
    for (const n of people) await append(n, registered());
    rig.clock.pass(rig.pendingTtl);
    await Promise.all([1, 2, 3].map(() => sweepRegistrations(rig, notes())));
    for (const n of people) expect(await types(n)).toStrictEqual(['UserRegistered', ...EXPIRED]);
  });

  test('lets a verification win that stands in the log before it', async () => {
    const { rig, append, types } = world();
    await append(1, registered(), verificationRequested());
    rig.clock.pass(rig.pendingTtl);
    const log = {
      ...rig.log,
      // Between the sweeper's look and its append, the owner opens the link.
      append: async (...args: Parameters<typeof rig.log.append>) => {
        if ((await types(1)).length === 2) await append(1, verified(idAt(9)));
        return rig.log.append(...args);
      },
    };
    expect(await expireOverdue({ ...rig, log }, idAt(1))).toBe('left');
    expect(await types(1)).toStrictEqual(['UserRegistered', 'EmailVerificationRequested', 'EmailVerified']);
  });

  test('takes a bounded number at once, and the rest in a minute', async () => {
    const { rig, append } = world();
    for (let n = 0; n < 2_001; n += 1) await append(n, registeredByStaff);
    await append(2_001, registered());
    rig.clock.pass(rig.pendingTtl);
    const progress = notes();
    expect(await sweepRegistrations(rig, progress)).toBe('more');
    expect(await sweepRegistrations(rig, progress)).toBe('done');
  });

  test('happens at the start and every hour, and a minute after a fault', async () => {
    const { rig, append, types } = world();
    await append(1, registered());
    const stopping = new AbortController();
    const slept: number[] = [];
    const faults: unknown[] = [];
    const clock = {
      now: () => rig.clock.now(),
      sleep: (ms: number) => {
        slept.push(ms);
        if (slept.length === 3) stopping.abort();
        rig.clock.pass(rig.pendingTtl / 2);
        return Promise.resolve();
      },
    };
    const failing: SweepProgress = { ...notes(), find: () => Promise.reject(new Error('away')) };
    let first = true;
    const progress: SweepProgress = {
      ...notes(),
      find: (logId) => {
        if (!first) return Promise.resolve(null);
        first = false;
        return failing.find(logId);
      },
    };
    await sweepRegistrationsHourly({ ...rig, clock }, progress, (fault) => faults.push(fault), stopping.signal);
    expect(slept).toStrictEqual([MINUTE, HOUR, HOUR]);
    expect(faults).toHaveLength(1);
    expect((await types(1)).slice(1)).toStrictEqual(EXPIRED);
  });
});
