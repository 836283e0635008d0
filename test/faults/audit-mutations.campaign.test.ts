import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formatVerifierKey, verifierKey } from '@rollbook/shared/audit/signed-note';
import type { Running } from '@rollbook/shared/process/running';
import { start as startProjector } from '../../projector/src/main.ts';
import { call } from '../support/client.ts';
import { drawFrom } from '../support/draw.ts';
import { journeyOn } from '../support/journey.ts';
import { isFound, mutate, MUTATION_KINDS, type Original } from '../support/mutate-bundle.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';
import { verifyText } from '../support/verify-lines.ts';

// 1,000 mutations of exports of a log that was really written, people erased and the notary's key changed on the way, and
// as many exports to which nothing was done.

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = 1_000;
const CLEAN = 1_000;

let rollbook: TestRollbook;
let projector: Running | undefined;
let original: Original;
let vkeys: readonly string[];
/** Exports at different times, each with the checkpoint at its end. */
const exports: { readonly bundle: string; readonly note: string }[] = [];

const noteOf = (lines: readonly string[]): string =>
  (JSON.parse(lines.at(-1)!) as { readonly checkpoint: string }).checkpoint;
/** The services run in this process, too. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const linesOf = (bundle: string): readonly string[] => bundle.match(/[^\n]*\n/g) ?? [];

const privateKeyIn = (list: string): KeyObject =>
  createPrivateKey({
    key: Buffer.from(/^[^:]+:([^,]+)/.exec(list)?.[1] ?? '', 'base64'),
    format: 'der',
    type: 'pkcs8',
  });

/** The projector starts again with a new key before the old one. */
const rotateKey = async (): Promise<KeyObject> => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const added = `k2:${privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')}`;
  await rollbook.services['projector']!.stop();
  projector = await startProjector({
    ...rollbook.env,
    NOTARY_PRIVATE_KEYS: `${added},${rollbook.env['NOTARY_PRIVATE_KEYS'] ?? ''}`,
  });
  return privateKey;
};

beforeAll(async () => {
  rollbook = await startRollbook();
  const journey = journeyOn(rollbook);
  const token = await journey.admin();
  const take = async (): Promise<void> => {
    const answer = await fetch(`${rollbook.url}/v1/audit/export`, { headers: { authorization: `Bearer ${token}` } });
    const bundle = await answer.text();
    expect([answer.status, answer.status === 200 ? '' : bundle]).toStrictEqual([200, '']);
    exports.push({ bundle, note: noteOf(linesOf(bundle)) });
  };
  const former = privateKeyIn(rollbook.env['NOTARY_PRIVATE_KEYS'] ?? '');
  let current = former;
  for (let person = 0; person < 12; person += 1) {
    if (person === 6) current = await rotateKey();
    const { id } = (await journey.member(`person-${person}`)).body.user as { readonly id: string };
    const options = { token, body: { name: `Name ${person}`, phone: '+1-555-0123' } };
    await call(rollbook.url, 'PATCH', `/users/${id}`, options);
    if (person % 3 === 0) await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token });
    await take();
  }
  const [origin = ''] = exports[0]!.note.split('\n');
  vkeys = [former, current].map((key) => formatVerifierKey(verifierKey(origin, key)));
  const { bundle, note } = exports.at(-1)!;
  original = { lines: linesOf(bundle), newest: note, privateKey: current };
}, 120_000);
afterAll(async () => {
  await projector?.stop();
  await rollbook.stop();
});

describe(`Exports of a log that was really written (SEED=${SEED})`, () => {
  test(`${RUNS} times something is done to one, and each time it is found, and where`, async () => {
    const draw = drawFrom(SEED);
    const missed: object[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await breathe();
      const mutation = mutate(MUTATION_KINDS[run % MUTATION_KINDS.length]!, original, draw);
      const verdict = verifyText(mutation.bundle, vkeys, mutation.since);
      if (verdict.valid || !isFound(mutation, verdict))
        missed.push({
          run,
          kind: mutation.kind,
          leaves: mutation.leaves,
          line: mutation.line,
          found: verdict.findings,
        });
    }
    expect(missed).toStrictEqual([]);
  }, 600_000);

  test(`${CLEAN} times nothing is done to one, and nothing is found`, async () => {
    const draw = drawFrom(SEED + 1);
    for (let run = 0; run < CLEAN; run += 1) {
      await breathe();
      const at = Math.floor(draw() * exports.length);
      const older = exports.slice(0, at + 1).filter(() => draw() < 0.3);
      const { bundle } = exports[at]!;
      expect([
        run,
        verifyText(
          bundle,
          vkeys,
          older.map(({ note }) => note),
        ).findings,
      ]).toStrictEqual([run, []]);
    }
  }, 600_000);
});
