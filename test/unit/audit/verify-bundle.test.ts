import { beforeAll, describe, expect, test } from '@jest/globals';
import { writeLine, type BundleLine, type EventLine } from '@rollbook/shared/audit/bundle/bundle-line';
import { nodesOf } from '@rollbook/shared/audit/merkle-tree';
import {
  AuditLog,
  bundleLines,
  headerOf,
  lineOf,
  notaryKey,
  subtreeHash,
  withCheck,
  type NotaryKey,
} from '../../support/audit-log.ts';
import { verifyText } from '../../support/verify-lines.ts';

const SIZE = 300;
let key: NotaryKey;
let lines: readonly string[];
beforeAll(() => {
  key = notaryKey();
  lines = [...bundleLines(new AuditLog({ seed: 1, key }), SIZE)];
});

const verify = (some: readonly string[], since: readonly string[] = [], keys = [key.vkey]) =>
  verifyText(some.join(''), keys, since);

const codes = (some: readonly string[], since: readonly string[] = []): readonly string[] =>
  verify(some, since).findings.map(({ code }) => code);

/** Line `at` with a change that somebody made who knows the format. */
const changed = (at: number, change: (line: any) => void, some = lines): readonly string[] => {
  const line = JSON.parse(some[at]!);
  delete line.crc32;
  change(line);
  return some.with(at, writeLine(line as BundleLine));
};

/** The line of some event that is not the last of its stream, nor a checkpoint. */
const some = (): number =>
  lines.findIndex((line, at) => at > 100 && line.startsWith('{"event"') && line.includes('"stream":"user-'));

describe('A full export', () => {
  test('is valid, and the verifier says what it covers and what it does not prove', () => {
    const verdict = verify(lines);
    expect(verdict.findings).toStrictEqual([]);
    expect(verdict).toMatchObject({ valid: true, leaves: SIZE, notSealed: null, skipped: 0, filter: null });
    expect(verdict.sealed).toMatchObject({ size: SIZE });
    expect(verdict.events + verdict.bare).toBe(SIZE);
    expect(verdict.bareProved).toBe(verdict.bare);
    expect(verdict.bare).toBeGreaterThan(10);
    expect(verdict.recordedCheckpoints.checked).toBeGreaterThan(3);
    expect(verdict.notProved.join('\n')).toContain('--since');
  });

  test('hides no event behind its bare hash: every claim is signed to be one', () => {
    const at = lines.findLastIndex((line) => line.startsWith('{"event"') && !line.includes('"stream":"notary"'));
    const { leaf, hash } = JSON.parse(lines[at]!) as EventLine;
    const verdict = verify(lines.with(at, writeLine({ bare: { from: leaf, hashes: [hash] } })));
    expect(verdict.findings).toMatchObject([{ code: 'not-claims', leaves: [expect.any(Number), SIZE - 1] }]);
    const [first] = verdict.findings[0]!.leaves!;
    expect(first).toBeLessThanOrEqual(leaf);
    expect(first).toBeGreaterThan(200);
  });

  test('says in words that nothing proves its claims, under a checkpoint that does not name them', () => {
    const log = new AuditLog({ seed: 1, key });
    const older = [...bundleLines(log, SIZE)].with(-1, writeLine({ checkpoint: log.checkpoint(key, []) }));
    const verdict = verify(older);
    expect(verdict).toMatchObject({ valid: true, notProved: expect.arrayContaining([expect.any(String)]) });
    expect(verdict.bareProved).toBeLessThan(verdict.bare);
    expect(verdict.notProved.join('\n')).toContain(
      `Of ${verdict.bare - verdict.bareProved} leaves only the hash is told, and nothing proves that they are claims`,
    );
  });

  test('is valid with each older checkpoint of its own log', () => {
    const log = new AuditLog({ seed: 1, key });
    for (let leaf = 0; leaf < SIZE; leaf += 1) {
      if (leaf % 37 === 0) expect(verify(lines, [log.checkpoint()]).since[0]?.outcome).toBe('agrees');
      log.next();
    }
  });

  test('is not valid under another key, nor without a checkpoint', () => {
    expect(verify(lines, [], [notaryKey().vkey]).findings.map(({ code }) => code)).toStrictEqual(['bad-checkpoint']);
    const broken = verify(lines.slice(0, -1));
    expect(broken.findings.map(({ code }) => code)).toStrictEqual(['broken-off']);
    // What the checkpoints within cover is known all the same.
    expect(broken.sealed!.size).toBe(broken.notSealed!.from);
    expect(broken.notSealed!.from + broken.notSealed!.leaves).toBe(SIZE);
    expect(broken.sealed!.size).toBeGreaterThan(200);
  });

  test('stays valid across a change of the key, if both keys are given; with the new one alone it says what it left out', () => {
    const next = notaryKey();
    const log = new AuditLog({ seed: 1, key });
    const rotated = [headerOf(SIZE)];
    for (let leaf = 0; leaf < SIZE; leaf += 1) {
      if (leaf === 120) log.rotate(next);
      rotated.push(lineOf(log.next()));
    }
    rotated.push(writeLine({ checkpoint: log.checkpoint() }));
    expect(verify(rotated, [], [key.vkey, next.vkey])).toMatchObject({
      valid: true,
      recordedCheckpoints: { unknownKeys: 0 },
    });
    const partly = verify(rotated, [], [next.vkey]);
    expect(partly.valid).toBe(true);
    expect(partly.recordedCheckpoints.unknownKeys).toBeGreaterThan(0);
    expect(partly.notProved.join('\n')).toContain('keys that were not given');
  });

  test('shows an event that was changed, by leaf and id', () => {
    const at = some();
    const { event } = JSON.parse(lines[at]!) as EventLine;
    const verdict = verify(changed(at, (line) => (line.event.metadata.actor.id = 'somebody else')));
    expect(verdict.findings).toMatchObject([{ code: 'event-changed', leaves: [at - 1, at - 1], event: event.id }]);
  });

  test('shows events behind the last checkpoint as not yet sealed, not as valid', () => {
    const log = new AuditLog({ seed: 1, key });
    const more = [headerOf(SIZE)];
    let note = '';
    for (let leaf = 0; leaf < SIZE; leaf += 1) {
      if (leaf === 280) note = log.checkpoint();
      more.push(lineOf(log.next()));
    }
    const verdict = verify([...more, writeLine({ checkpoint: note })]);
    expect(verdict.findings).toMatchObject([{ code: 'not-sealed', leaves: [280, 299] }]);
    expect(verdict).toMatchObject({ valid: false, sealed: { size: 280 }, notSealed: { from: 280, leaves: 20 } });
  });

  test('is broken off wherever it is cut, and never valid but as a whole', () => {
    const text = lines.slice(0, 4).join('');
    const ends = [0, 1, 2, 3].map((count) => lines.slice(0, count).join('').length);
    const within = Array.from({ length: 40 }, (_none, at) => Math.floor((at * text.length) / 40));
    for (const cut of [...ends, ...within])
      expect([cut, verifyText(text.slice(0, cut), [key.vkey]).valid]).toStrictEqual([cut, false]);
    expect(codes([lines[0]!])).toStrictEqual(['broken-off']);
    expect(codes([...lines, '{"event":'])).toStrictEqual(['line-damaged']);
  });

  test('shows a line of the notary that holds nothing, instead of failing at it', () => {
    const at = lines.findIndex((line) => line.includes('"stream":"notary"'));
    expect(codes(changed(at, (line) => delete line.event.data))).toContain('line-unreadable');
  });

  test('shows a line that says the same in another spelling', () => {
    const respelled = (change: (text: string) => string): readonly string[] => {
      const at = some();
      const [text] = lines[at]!.split(',"crc32"');
      return codes(lines.with(at, withCheck(change(text!))));
    };
    expect(respelled((text) => text)).toStrictEqual([]);
    expect(respelled((text) => text.replace('"type":', '"type" :'))).toContain('line-unreadable');
    expect(respelled((text) => text.replace('{"event":{', '{"event":{"data":{},'))).toContain('line-unreadable');
    expect(respelled((text) => text.replace('"type":"P', '"type":"\\u0050'))).toContain('line-unreadable');
  });

  test('goes on in a later part, and shows a part that belongs to another log', () => {
    const half = 150;
    const log = new AuditLog({ seed: 1, key });
    const hashes = Array.from({ length: half }, () => log.next()).map((made) =>
      'event' in made ? made.hash : made.bare,
    );
    const before = nodesOf({ start: 0, end: half }).map((node) => subtreeHash(hashes, node));
    const second = [headerOf(SIZE, { from_leaf: half, before }), ...lines.slice(1 + half)];
    expect(verify([...lines.slice(0, 1 + half), ...second])).toMatchObject({ valid: true, leaves: SIZE, fromLeaf: 0 });
    const alone = verify(second);
    expect(alone).toMatchObject({ valid: true, fromLeaf: half, leaves: SIZE });
    expect(alone.bareProved).toBe(0);
    expect(alone.notProved.join('\n')).toContain('before 150');
    expect(alone.notProved.join('\n')).toContain('nothing proves that they are claims');
    const foreign = [headerOf(SIZE, { from_leaf: half, before: before.with(0, 'ab'.repeat(32)) }), ...second.slice(1)];
    expect(codes([...lines.slice(0, 1 + half), ...foreign])).toContain('root-mismatch');
    expect(codes(foreign)).toContain('root-mismatch');
    expect(codes([...lines.slice(0, 1 + 140), ...second])).toContain('leaf-missing');
  });
});
