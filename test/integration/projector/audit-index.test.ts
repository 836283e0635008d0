import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { proveConsistency, proveInclusion, readRoot } from '@rollbook/shared/audit/merkle-proof';
import { GrowingTree, type Hash } from '@rollbook/shared/audit/merkle-tree';
import { loadTree, storedNodes, storedSize } from '@rollbook/shared/audit/stored-tree';
import { verifyConsistency, verifyInclusion } from '@rollbook/shared/audit/verify-proof';
import { createLogger } from '@rollbook/shared/process/logger';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('The audit index', () => {
  let rig: ProjectorRig;

  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  const leaves = async (): Promise<readonly Hash[]> =>
    (
      await rig.pool.query<{ hash: string }>("select metadata->>'hash' as hash from event_log.events order by position")
    ).rows.map(({ hash }) => Buffer.from(hash, 'hex'));
  const rows = async (): Promise<readonly Record<string, unknown>[]> =>
    (await rig.pool.query<Record<string, unknown>>('select * from read_model.audit_index order by leaf')).rows;

  /** A hundred and some events of three people. */
  const someLives = async (): Promise<void> => {
    const people = peopleIn(rig);
    for (const name of ['ann', 'bob', 'cid']) {
      const id = await people.register(name);
      for (let times = 0; times < 15; times += 1) await people.signIn(id);
    }
  };

  test('holds every event of the log once, in its order, by who, whom, when and by which request', async () => {
    await someLives();
    await rig.project();
    await rig.caughtUp('audit_index');
    const page = await rig.store.readAll({ after: null, limit: 1_000 });
    const expected = page.events.map((event, leaf) => ({
      leaf: String(leaf),
      event_id: event.id,
      position: event.position,
      stream: event.stream,
      revision: String(event.revision),
      type: event.type,
      recorded_at: new Date(event.recordedAt),
      actor_kind: event.metadata.actor.kind,
      actor_id: event.metadata.actor.id,
      subject: event.stream.replace(/^(?:user|signin)-/, ''),
      request_id: event.metadata.requestId,
      correlation_id: event.metadata.correlationId,
      causation_id: event.metadata.causationId,
      command_id: event.metadata.commandId,
      hash: Buffer.from(event.metadata.hash, 'hex'),
    }));
    expect(expected.length).toBeGreaterThan(40);
    const found = await rows();
    expect(found.map((row) => ({ ...row, subject: null }))).toStrictEqual(
      expected.map((row) => ({ ...row, subject: null })),
    );
    const ofPeople = (all: readonly Record<string, unknown>[]) =>
      all.filter(({ stream }) => /^(?:user|signin)-/.test(String(stream))).map(({ subject }) => subject);
    expect(ofPeople(found)).toStrictEqual(ofPeople(expected));
    expect(ofPeople(found).length).toBeGreaterThan(40);
  });

  test('keeps a tree that proves every leaf and every beginning, though it is killed and shared', async () => {
    await someLives();
    for (let round = 0; round < 2; round += 1) {
      const before = await rig.positionOf('audit_index');
      const child = rig.spawn();
      await until('it works', async () => (await rig.positionOf('audit_index')) !== before);
      child.kill('SIGKILL');
      await someLives();
    }
    await Promise.all([rig.project(), rig.project()]);
    await someLives();
    await rig.caughtUp('audit_index');
    const all = await leaves();
    const size = all.length;
    expect(await storedSize(rig.pool)).toBe(size);
    const read = storedNodes(rig.pool);
    const tree = new GrowingTree();
    const roots = [tree.root()];
    for (const leaf of all) {
      tree.append(leaf);
      roots.push(tree.root());
    }
    const root = tree.root();
    expect((await loadTree(rig.pool)).root()).toStrictEqual(root);
    expect(await readRoot(size, read)).toStrictEqual(root);
    for (let leaf = 0; leaf < size; leaf += 7) {
      const path = await proveInclusion(leaf, size, read);
      expect(verifyInclusion({ hash: all[leaf]!, leaf, size, root, path })).toBe(true);
      const beginning = { from: leaf, fromRoot: roots[leaf]!, to: size, toRoot: root };
      expect(verifyConsistency({ ...beginning, path: await proveConsistency(leaf, size, read) })).toBe(true);
    }
    await expect(readRoot(size + 1, read)).rejects.toThrow('has no node');
  });

  test('stops at an event that is not as it was written, says which, and is not ready', async () => {
    await someLives();
    const [altered] = (
      await rig.pool.query<{ id: string; stream: string }>(
        'select id, stream from event_log.events order by position offset 20 limit 1',
      )
    ).rows;
    await rig.pool.query('alter table event_log.events disable trigger events_are_never_changed');
    await rig.pool.query("update event_log.events set recorded_at = '2020-01-01T00:00:00.000Z' where id = $1", [
      altered!.id,
    ]);
    const lines: string[] = [];
    const logger = createLogger(
      { service: 'projector', level: 'error' },
      { write: (line: string) => void lines.push(line) },
    );
    const projector = await rig.project({ logger });
    await until('it says which', () => Promise.resolve(lines.some((line) => line.includes(altered!.id))));
    expect(lines.find((line) => line.includes(altered!.id))).toContain('AlteredEvent');
    expect((await fetch(`${projector.addresses['http']!}/health/ready`)).status).toBe(503);
    expect(await rows()).toStrictEqual([]);
  });

  test('shows nothing of a log that was cut and has grown again, though its position is there', async () => {
    await someLives();
    const first = await rig.project();
    await rig.caughtUp('audit_index');
    await first.stop();
    const before = await rows();
    await rig.pool.query('alter table event_log.events disable trigger events_are_never_changed');
    await rig.pool.query(
      `update event_log.events set stream = 'user-another', metadata = jsonb_set(metadata, '{hash}', '"ab"')
       where position = (select max(position) from event_log.events)`,
    );
    await peopleIn(rig).register('dot');
    const projector = await rig.project();
    await until('it is marked', async () => {
      const marked = await rig.one<{ at: Date | null }>(
        "select other_log_at as at from read_model.projections where name = 'audit_index'",
      );
      return marked?.at != null;
    });
    expect((await fetch(`${projector.addresses['http']!}/health/ready`)).status).toBe(503);
    expect(await rows()).toStrictEqual(before);
  });
});
