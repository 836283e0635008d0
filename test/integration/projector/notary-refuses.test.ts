import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { EMPTY_STREAM } from '@rollbook/shared/event-log/sealed-event-log';
import { systemContext } from '../../support/command-rig.ts';
import { until } from '../../support/feed-audience.ts';
import { AT_ONCE, isReady, NEVER, notaryRig, type NotaryRig } from '../../support/notary-rig.ts';
import { peopleIn } from '../../support/people.ts';

describe('The notary refuses', () => {
  let rig: NotaryRig;
  beforeEach(async () => {
    rig = await notaryRig();
  });
  afterEach(() => rig.close());

  /** A projector that signs what is there, remembers it, and stops. */
  const signOnce = async (): Promise<void> => {
    const projector = await rig.project({ sealing: AT_ONCE });
    await until(
      'it is signed and remembered',
      async () => (await rig.one('select 1 from notary.last_signed')) !== undefined,
    );
    await projector.stop();
  };
  /** The next projector indexes the log from its beginning. */
  const forgetIndex = async (): Promise<void> => {
    await rig.pool.query('delete from read_model.audit_tree; delete from read_model.audit_index');
    await rig.pool.query("delete from read_model.projections where name = 'audit_index'");
  };

  test('an index in which an event was made to look like a claim, so that an export could hide it', async () => {
    const people = peopleIn(rig);
    await people.signIn(await people.register('anna'));
    const projector = await rig.project({ sealing: NEVER, logger: rig.logger });
    await rig.caughtUp('audit_index');
    await rig.pool.query(
      "update read_model.audit_index set stream = 'emailclaim-x' where leaf = (select max(leaf) - 1 from read_model.audit_index)",
    );
    await rig.anExport();
    await until('it says so', () => rig.says('where another was indexed'));
    expect(await isReady(projector)).toBe(false);
    expect(await rig.signed()).toStrictEqual([]);
  });

  test('a log that is shorter than what was signed, says so, and is not ready', async () => {
    await peopleIn(rig).register('anna');
    await signOnce();
    // An older backup of the log: the checkpoint is not in it.
    await rig.pool.query('alter table event_log.events disable trigger events_are_never_changed');
    await rig.pool.query("delete from event_log.events where stream = 'notary'");
    await forgetIndex();
    const projector = await rig.project({ sealing: AT_ONCE, logger: rig.logger });
    await until('it says so', () => rig.says('The log is shorter than it was'));
    expect(rig.says('NotaryRefuses')).toBe(true);
    expect(await isReady(projector)).toBe(false);
    await peopleIn(rig).register('bob');
    const before = rig.times('The log is shorter than it was');
    await until('it has looked again', () => rig.times('The log is shorter than it was') > before + 1);
    expect(await rig.signed()).toStrictEqual([]);
  });

  test('a log that was altered before what was signed, though every hash of it holds', async () => {
    await peopleIn(rig).register('anna');
    await signOnce();
    const before = await rig.signed();
    // Two events change places in the order of the log: every event and every chain of a stream stays whole.
    await rig.pool.query('alter table event_log.events disable trigger events_are_never_changed');
    await rig.pool.query('update event_log.events set position = 1000001 where position = 1');
    await rig.pool.query('update event_log.events set position = 1 where position = 2');
    await rig.pool.query('update event_log.events set position = 2 where position = 1000001');
    await forgetIndex();
    const projector = await rig.project({ sealing: AT_ONCE, logger: rig.logger });
    await peopleIn(rig).register('bob');
    await until('it says so', () => rig.says('does not go on from the checkpoint'));
    expect(await isReady(projector)).toBe(false);
    expect(await rig.signed()).toStrictEqual(before);
  });

  test('a log that was cut while it was followed, and has grown again', async () => {
    const people = peopleIn(rig);
    await people.register('anna');
    const projector = await rig.project({ sealing: NEVER, logger: rig.logger });
    await rig.caughtUp('audit_index');
    await rig.pool.query('alter table event_log.events disable trigger events_are_never_changed');
    await rig.pool.query('delete from event_log.events where position = (select max(position) from event_log.events)');
    await people.register('bob');
    await rig.caughtUp('audit_index');
    await rig.anExport();
    await until('it says so', () => rig.says('where another was indexed'));
    expect(await isReady(projector)).toBe(false);
    expect(await rig.signed()).toStrictEqual([]);
  });

  test.each([
    [
      'ends before what is sealed',
      'delete from read_model.audit_index where leaf >= $1 - 1',
      'has lost leaves: it ends at',
    ],
    [
      'lost leaves that are still to be sealed, wherever among thousands',
      'delete from read_model.audit_index where leaf = $1 + 1',
      'has lost leaves between',
    ],
    [
      'says otherwise of one that is still to be sealed, wherever among thousands',
      "update read_model.audit_index set hash = sha256('x') where leaf = $1 + 1",
      'where another was indexed',
    ],
  ])('an index that %s', async (_case, alter, words) => {
    const people = peopleIn(rig);
    const id = await people.register('anna');
    const first = await rig.project({ sealing: AT_ONCE });
    await until('it is signed', async () => (await rig.signed()).length === 1);
    await rig.caughtUp('audit_index');
    await first.stop();
    await people.signIn(id);
    const sealing = { ...NEVER };
    const projector = await rig.project({ sealing, logger: rig.logger });
    const failed: AnyNewEvent = { type: 'SignInFailed', data: { where: 'sign-in' }, personal: null };
    for (let n = 0; n < 4; n += 1)
      await rig.log.append(
        `signin-${randomUUID()}`,
        EMPTY_STREAM,
        Array.from({ length: 300 }, () => failed),
        systemContext(),
      );
    await rig.caughtUp('audit_index');
    await until('it is ready', () => isReady(projector));
    await rig.pool.query(alter, [...(await rig.signed())]);
    sealing.most = AT_ONCE.most;
    await until('it says so', () => rig.says(words));
    expect(await isReady(projector)).toBe(false);
    expect((await rig.signed()).length).toBe(1);
  });

  test('a log with a checkpoint that none of its keys signed', async () => {
    await peopleIn(rig).register('anna');
    const root = Buffer.alloc(32).toString('base64');
    const note = `rollbook/x\n1\n${root}\n\n— rollbook/x AAAAAAAA\n`;
    const forged: AnyNewEvent = {
      type: 'CheckpointSigned',
      data: { size: 1, root, keys: ['k1'], note },
      personal: null,
    };
    await rig.log.append('notary', { revision: -1, hash: null, recordedAt: null }, [forged], systemContext());
    const projector = await rig.project({ sealing: AT_ONCE, logger: rig.logger });
    await until('it says so', () => rig.says('signed by none of the keys'));
    expect(await isReady(projector)).toBe(false);
    expect(await rig.signed()).toStrictEqual([1]);
  });
});
