import { beforeAll, describe, expect, test } from '@jest/globals';
import { AuditLog, bundleLines, notaryKey, type NotaryKey } from '../../support/audit-log.ts';
import { drawFrom } from '../../support/draw.ts';
import { isFound, mutate, MUTATION_KINDS, type Original } from '../../support/mutate-bundle.ts';
import { verifyText } from '../../support/verify-lines.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const EACH = 8;

let key: NotaryKey;
let original: Original;
beforeAll(() => {
  key = notaryKey();
  const log = new AuditLog({ seed: SEED, key });
  const lines = [...bundleLines(log, 200)];
  original = { lines, newest: log.checkpoint(), privateKey: key.privateKey };
});

describe(`Whatever is done to an export is found, and where (SEED=${SEED})`, () => {
  test.each(MUTATION_KINDS)('%s', (kind) => {
    const draw = drawFrom(SEED);
    for (let round = 0; round < EACH; round += 1) {
      const mutation = mutate(kind, original, draw);
      const verdict = verifyText(mutation.bundle, [key.vkey], mutation.since);
      const said = { round, valid: verdict.valid, located: isFound(mutation, verdict) };
      const seen = said.located ? [] : verdict.findings;
      expect({ ...said, seen }).toStrictEqual({ round, valid: false, located: true, seen: [] });
    }
  });

  test('and nothing is found where nothing was done', () => {
    for (let round = 0; round < 100; round += 1) {
      const log = new AuditLog({ seed: SEED + round, key });
      const lines = [...bundleLines(log, 10 + (round % 60))];
      expect(verifyText(lines.join(''), [key.vkey], [log.checkpoint()]).findings).toStrictEqual([]);
    }
  });
});
