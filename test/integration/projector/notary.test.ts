import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { claimsOf, NO_CLAIMS, withClaim, type Claims } from '@rollbook/shared/audit/claims';
import { storedSize } from '@rollbook/shared/audit/stored-tree';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { formatCheckpoint, originOf } from '@rollbook/shared/audit/checkpoint';
import { signNote } from '@rollbook/shared/audit/signed-note';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { privateKeyList } from '@rollbook/shared/process/secret-settings';
import { begin } from '../../../projector/src/notary/begin.ts';
import { LOOK } from '../../../projector/src/notary/notary.ts';
import { seal } from '../../../projector/src/notary/seal.ts';
import { checkpointsIn, leavesOf, openedBy, rootOver } from '../../support/checkpoints.ts';
import { systemContext } from '../../support/command-rig.ts';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { AT_ONCE, isReady, NEVER, notaryRig, type NotaryRig } from '../../support/notary-rig.ts';

const key = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');

describe('The notary', () => {
  let rig: NotaryRig;
  beforeEach(async () => {
    rig = await notaryRig();
  });
  afterEach(() => rig.close());

  const claim = async (stream: string): Promise<void> => {
    const data = { userId: '11111111-1111-4111-8111-111111111111', expiresAt: '2026-01-02T03:06:05.000Z' };
    const event: AnyNewEvent = { type: 'EmailClaimed', data, personal: null };
    await rig.log.append(stream, { revision: -1, hash: null, recordedAt: null }, [event], systemContext());
  };
  const streamsOf = async (): Promise<readonly string[]> => {
    const { rows } = await rig.pool.query<{ stream: string }>('select stream from event_log.events order by position');
    return rows.map(({ stream }) => stream);
  };
  const claimsAmong = (streams: readonly string[]): Claims =>
    [...streams.entries()]
      .filter(([, stream]) => /^(email|username)claim-/.test(stream))
      .reduce((claims, [leaf]) => withClaim(claims, leaf), NO_CLAIMS);

  /** Every checkpoint is signed, is the root of the log's own beginning, and none covers itself or only checkpoints. */
  const expectSound = async (): Promise<void> => {
    const leaves = await leavesOf(rig);
    const streams = await streamsOf();
    const checkpoints = await checkpointsIn(rig);
    let before = 0;
    for (const { data, revision } of checkpoints) {
      const opened = await openedBy(rig, data.note, rig.env.NOTARY_PRIVATE_KEYS);
      expect(opened).toMatchObject({ size: data.size, root: rootOver(leaves.slice(0, data.size)) });
      expect(opened.root.toString('base64')).toBe(data.root);
      expect(claimsOf(opened)).toStrictEqual(claimsAmong(streams.slice(0, data.size)));
      expect(data.size).toBeGreaterThan(before + (revision === 0 ? 0 : 1));
      before = data.size;
    }
  };

  test('seals what is new, and nothing more while only its own checkpoints were added', async () => {
    await claim('emailclaim-a');
    await peopleIn(rig).register('anna');
    await claim('usernameclaim-a');
    let looks = 0;
    const sleep: Clock['sleep'] = (ms, signal) => {
      looks += Number(ms === LOOK);
      return systemClock.sleep(ms, signal);
    };
    await rig.project({ sealing: AT_ONCE, clock: { ...systemClock, sleep } });
    await until('it is signed', async () => (await rig.signed()).length === 1);
    await rig.caughtUp('audit_index');
    const before = looks;
    await until('it has looked at its own checkpoint', () => looks > before + 2);
    expect((await rig.signed()).length).toBe(1);
    await claim('emailclaim-b');
    await until('that is signed too', async () => (await rig.signed()).length === 2);
    await expectSound();
    const opened = await openedBy(rig, (await checkpointsIn(rig)).at(-1)!.data.note, rig.env.NOTARY_PRIVATE_KEYS);
    expect(claimsOf(opened)?.count).toBe(3);
  });

  test('names all claims though the last checkpoint named none, as those of older programs', async () => {
    await claim('emailclaim-a');
    await peopleIn(rig).register('anna');
    const first = await rig.project({ sealing: AT_ONCE });
    await until('it is signed', async () => (await rig.signed()).length === 1);
    await first.stop();
    const keys = privateKeyList('ed25519').parse(rig.env.NOTARY_PRIVATE_KEYS);
    const { end, logId, last } = await begin({ log: rig.log, pool: rig.pool, keys });
    const origin = originOf(logId);
    const text = formatCheckpoint({
      origin,
      size: last!.data.size,
      root: Buffer.from(last!.data.root, 'base64'),
      extensions: [],
    });
    const note = signNote(text, [{ name: origin, privateKey: keys[0].key }]);
    const older: AnyNewEvent = { type: 'CheckpointSigned', data: { ...last!.data, note }, personal: null };
    await rig.log.append('notary', end, [older], systemContext());
    await claim('usernameclaim-b');
    await rig.project({ sealing: AT_ONCE });
    await until('it is signed', async () => (await rig.signed()).length === 3);
    const newest = (await checkpointsIn(rig)).at(-1)!;
    const opened = await openedBy(rig, newest.data.note, rig.env.NOTARY_PRIVATE_KEYS);
    const claims = claimsAmong((await streamsOf()).slice(0, opened.size));
    expect(claims.count).toBe(2);
    expect(claimsOf(opened)).toStrictEqual(claims);
  });

  test('seals at once what an export waits for, long before its time', async () => {
    await peopleIn(rig).register('anna');
    await rig.project({ sealing: NEVER });
    await rig.caughtUp('audit_index');
    await rig.anExport();
    await until('it is signed', async () => (await rig.signed()).length === 1);
  });

  test('signs one unbroken row of checkpoints, though it is killed again and again and two copies race', async () => {
    const people = peopleIn(rig);
    const id = await people.register('anna');
    const done = new AbortController();
    const signingIn = (async () => {
      while (!done.signal.aborted) await people.signIn(id);
    })();
    for (let round = 0; round < 3; round += 1) {
      const before = (await rig.signed()).length;
      const running = await rig.project({ sealing: AT_ONCE });
      const other = await rig.project({ sealing: AT_ONCE });
      await until('it signs', async () => (await rig.signed()).length > before);
      await running.stop();
      await other.stop();
      const child = rig.spawn();
      await until('it leads something', async () => {
        const text =
          "select 1 from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted";
        return (await rig.one(text)) !== undefined;
      });
      child.kill('SIGKILL');
    }
    done.abort();
    await signingIn;
    await rig.project({ sealing: AT_ONCE });
    await rig.caughtUp('audit_index');
    await until('all is signed', async () => {
      const { n } = (await rig.one<{ n: number }>(
        "select count(*)::int as n from read_model.audit_index where type <> 'CheckpointSigned' and leaf >= $1",
        [(await rig.signed()).at(-1)],
      ))!;
      return n === 0;
    });
    await expectSound();
  });

  test('stops when another notary signs meanwhile, and goes on from what that one signed', async () => {
    await peopleIn(rig).register('anna');
    const projector = await rig.project({ sealing: NEVER, logger: rig.logger });
    await rig.caughtUp('audit_index');
    await until('it is ready', () => isReady(projector));
    // The other one does not hold the lock, as when a connection breaks that its server believes in.
    const keys = privateKeyList('ed25519').parse(rig.env.NOTARY_PRIVATE_KEYS);
    const from = await begin({ log: rig.log, pool: rig.pool, keys });
    const checkpoint = await seal(rig.pool, from, await storedSize(rig.pool), keys);
    await rig.log.append('notary', from.end, [checkpoint], systemContext());
    await peopleIn(rig).register('bob');
    await rig.caughtUp('audit_index');
    await rig.anExport();
    await until('it says that it lost', () => rig.says('LostRace'));
    await until('it signs all the same, after the other', async () => (await rig.signed()).length === 2);
    await until('ours is ready again', () => isReady(projector));
    await expectSound();
  });

  test('signs the first checkpoint after a change of the key with both keys, the next with the new one', async () => {
    const people = peopleIn(rig);
    await people.register('anna');
    const first = await rig.project({ sealing: AT_ONCE });
    await until('it is signed', async () => (await rig.signed()).length === 1);
    await first.stop();
    const old = rig.env.NOTARY_PRIVATE_KEYS;
    Object.assign(rig.env, { NOTARY_PRIVATE_KEYS: `k2:${key()},${old}` });
    await people.register('bob');
    await rig.project({ sealing: AT_ONCE });
    await until('it is signed', async () => (await rig.signed()).length === 2);
    await people.register('cid');
    await until('it is signed', async () => (await rig.signed()).length === 3);
    const checkpoints = await checkpointsIn(rig);
    expect(checkpoints.map(({ data }) => data.keys)).toStrictEqual([['k1'], ['k2', 'k1'], ['k2']]);
    // Whoever knows only the old key believes the change, and whoever knows only the new one too.
    const [, change, after] = checkpoints.map(({ data }) => data.note);
    await expect(openedBy(rig, change!, old)).resolves.toMatchObject({ signers: [{}] });
    await expect(openedBy(rig, change!, rig.env.NOTARY_PRIVATE_KEYS.split(',')[0]!)).resolves.toBeTruthy();
    await expect(openedBy(rig, after!, old)).rejects.toThrow('Nobody known');
    await expectSound();
  });
});
