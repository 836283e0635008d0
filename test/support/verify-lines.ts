import { BundleVerifier } from '@rollbook/shared/audit/bundle/bundle-verifier';
import type { Since } from '@rollbook/shared/audit/bundle/older-checkpoints';
import type { Verdict } from '@rollbook/shared/audit/bundle/verdict';
import { openCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { parseVerifierKey } from '@rollbook/shared/audit/signed-note';

/** Checks a bundle in memory, as `audit verify` checks a file. */
export const verifyText = (
  bundle: string | Buffer,
  vkeys: readonly string[],
  since: readonly string[] = [],
): Verdict => {
  const keys = vkeys.map((vkey) => parseVerifierKey(vkey)!);
  const opened = since.map((note, at): Since => ({ ...openCheckpoint(note, keys)!, from: `checkpoint ${at}` }));
  const verifier = new BundleVerifier({ keys, since: opened });
  const bytes = Buffer.from(bundle);
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    verifier.next(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start < bytes.length) verifier.rest(bytes.subarray(start), false);
  return verifier.end();
};
