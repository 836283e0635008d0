import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EventStoreDbEventStore } from '@rollbook/shared/event-log/eventstoredb/eventstoredb-event-store';
import type { Position } from '@rollbook/shared/event-log/event';
import { NO_STREAM, type Append, type AppendResult, type LogPage } from '@rollbook/shared/event-log/port';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { startNodeProcess, type NodeProcess } from '../support/eventstoredb-process.ts';
import { until } from '../support/feed-audience.ts';
import { anAppend, idsOf, newStream } from '../support/log-events.ts';

describe('an EventStoreDB whose process is killed or frozen', () => {
  let folder: string;
  let node: NodeProcess;
  let store: EventStoreDbEventStore;
  let followed: string[];
  let faults: unknown[];
  let stop: AbortController;

  /** With patience for a long outage, and the limits of production for one try. */
  const open = (deadline = 60_000): EventStoreDbEventStore =>
    new EventStoreDbEventStore({
      url: node.connectionString,
      clock: systemClock,
      random: systemRandom,
      nodeEnv: 'test',
      deadline,
    });
  const again = async (): Promise<void> => {
    node = await startNodeProcess('--file', join(folder, 'log'), '--port', String(node.port));
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollbook-node-'));
    node = await startNodeProcess('--file', join(folder, 'log'));
    store = open();
    [followed, faults, stop] = [[], [], new AbortController()];
    const follow = async (): Promise<void> => {
      const onFault = (fault: unknown): void => void faults.push(fault);
      for await (const page of store.follow({ after: null, signal: stop.signal, onFault }))
        followed.push(...idsOf(page.events));
    };
    void follow().catch((fault: unknown) => faults.push(fault));
  });
  afterEach(async () => {
    stop.abort();
    node.signal('SIGCONT');
    await store.close();
    await node.kill();
    await rm(folder, { recursive: true });
  });

  /** Appends one after the other in several lanes until told to end; each counts once it is acknowledged. */
  const writing = () => {
    const done: { append: Append; result: AppendResult }[] = [];
    let isOver = false;
    const lane = async (): Promise<void> => {
      while (!isOver) {
        const append = anAppend(newStream(), NO_STREAM, 2);
        done.push({ append, result: await store.append(append) });
      }
    };
    const lanes = Promise.all(Array.from({ length: 8 }, lane));
    const end = async (): Promise<typeof done> => {
      isOver = true;
      await lanes;
      return done;
    };
    return { done, end };
  };

  /** None lost, none twice: in the streams, in the whole log, and for who follows. */
  const expectEachOnce = async (done: Awaited<ReturnType<ReturnType<typeof writing>['end']>>): Promise<void> => {
    expect(done.filter(({ result }) => result.outcome === 'conflict')).toEqual([]);
    const written = done.flatMap(({ append }) => idsOf(append.events));
    for (const { append } of done) expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
    const inLog: string[] = [];
    for (let after: Position | null = null, atEnd = false; !atEnd;) {
      const page: LogPage = await store.readAll({ after });
      inLog.push(...idsOf(page.events));
      ({ position: after, atEnd } = page);
    }
    expect(inLog.toSorted()).toEqual(written.toSorted());
    await until('the follower has all', () => followed.length >= inLog.length, 30_000);
    expect(followed).toEqual(inLog);
  };

  test('killed three times while appends are on their way: each is acknowledged once it stands, and stands once', async () => {
    const { done, end } = writing();
    for (let kill = 1; kill <= 3; kill += 1) {
      const goal = done.length + 20;
      await until('some are written', () => done.length >= goal, 30_000);
      await node.kill();
      await sleep(100);
      await again();
    }
    const all = await end();
    await expectEachOnce(all);
    expect(faults.length).toBeGreaterThanOrEqual(1);
  });

  test('killed when it had written and not yet answered: the second try finds it on the new process', async () => {
    await store.append(anAppend(newStream(), NO_STREAM));
    node.misbehave({ on: 'append', do: 'lose-answer', stream: 'user-', times: 1 });
    const append = anAppend(newStream(), NO_STREAM, 2);
    const appended = store.append(append);
    await until('it is written', async () => (await store.read(append.stream)).length === 2, 30_000);
    await node.kill();
    await again();
    expect(await appended).toMatchObject({ revision: 1 });
    expect(idsOf(await store.read(append.stream))).toEqual(idsOf(append.events));
  });

  test('frozen for some seconds: nobody waits for ever, and when it thaws each append stands once', async () => {
    const { done, end } = writing();
    await until('some are written', () => done.length >= 20, 30_000);
    node.signal('SIGSTOP');
    const impatient = open(2_000);
    const append = anAppend(newStream(), NO_STREAM);
    const asked = performance.now();
    await expect(impatient.append(append)).rejects.toMatchObject({
      name: expect.stringMatching(/^(?:OutcomeUnknown|StoreUnavailable)$/),
    });
    await expect(impatient.read(append.stream)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(performance.now() - asked).toBeLessThan(20_000);
    await until('the follower notices', () => faults.length > 0, 30_000);
    node.signal('SIGCONT');
    expect(await impatient.append(append)).toMatchObject({ revision: 0 });
    await impatient.close();
    const all = await end();
    await expectEachOnce([...all, { append, result: { outcome: 'stored', revision: 0, position: undefined } }]);
  });

  test('frozen and then killed: the new process takes over what was on its way', async () => {
    const { done, end } = writing();
    await until('some are written', () => done.length >= 20, 30_000);
    node.signal('SIGSTOP');
    await sleep(2_000);
    await node.kill();
    await again();
    const goal = done.length + 20;
    await until('more are written', () => done.length >= goal, 30_000);
    await expectEachOnce(await end());
  });
});
