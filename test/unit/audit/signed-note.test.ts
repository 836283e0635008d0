import { describe, expect, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '@rollbook/shared/audit/checkpoint';
import {
  formatVerifierKey,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '@rollbook/shared/audit/signed-note';
import { REFERENCE_ROOTS } from './merkle-vectors.ts';

// The example of the format's first implementation, golang.org/x/mod/sumdb/note (note.go, note_test.go), which the C2SP
// document describes: key, text and signature to the letter. The seed stands in the key `PRIVATE+KEY+PeterNeumann+…`.
const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const SEED = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const TEXT =
  'If you think cryptography is the answer to your problem,\n' + "then you don't know what your problem is.\n";
const NOTE = `${TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

/** RFC 8410, 10.3: what stands before the seed in PKCS8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, SEED]), format: 'der', type: 'pkcs8' });
const peter = parseVerifierKey(VKEY)!;

describe('a signed note', () => {
  test('is, to the byte, that of the first implementation', () => {
    expect(signNote(TEXT, [{ name: 'PeterNeumann', privateKey }])).toBe(NOTE);
    expect(formatVerifierKey(verifierKey('PeterNeumann', privateKey))).toBe(VKEY);
    expect(openNote(NOTE, [peter])).toStrictEqual({ text: TEXT, signers: [peter] });
  });

  test('is refused after any change of a single character', () => {
    for (let at = 0; at < NOTE.length; at += 1) {
      const changed = NOTE.slice(0, at) + (NOTE[at] === 'A' ? 'B' : 'A') + NOTE.slice(at + 1);
      expect({ at, opened: openNote(changed, [peter]) }).toStrictEqual({ at, opened: null });
    }
  });

  test('by several keys names those that are known; the others do not matter', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const both = signNote(TEXT, [
      { name: 'somebody.example/log', privateKey: other },
      { name: 'PeterNeumann', privateKey },
    ]);
    const somebody = verifierKey('somebody.example/log', other);
    expect(openNote(both, [peter])).toStrictEqual({ text: TEXT, signers: [peter] });
    expect(openNote(both, [peter, somebody])?.signers).toStrictEqual([somebody, peter]);
    expect(openNote(both, [])).toBeNull();
    // The same key under another name is another key.
    expect(openNote(NOTE, [verifierKey('Peter', privateKey)])).toBeNull();
  });

  test.each([
    ['without a signature', `${TEXT}\n`],
    ['without a blank line', NOTE.replace('\n\n', '\n')],
    ['without its last line feed', NOTE.slice(0, -1)],
    ['with a hyphen for the dash', NOTE.replace('—', '-')],
    ['with a carriage return', NOTE.replace(',\n', ',\r\n')],
    ['with base64 that has another spelling', NOTE.replace('nAM=', 'nAN=')],
    ['with a line behind the signatures', `${NOTE}more\n`],
    ['with more than 100 signatures', NOTE + NOTE.slice(TEXT.length + 1).repeat(100)],
  ])('%s is none', (_, note) => {
    expect(parseNote(note)).toBeNull();
  });

  test('may hold blank lines in its text: the last one ends it', () => {
    const text = 'one\n\ntwo\n';
    const note = signNote(text, [{ name: 'PeterNeumann', privateKey }]);
    expect(openNote(note, [peter])?.text).toBe(text);
  });

  test.each(['', 'two words', 'a+b', 'line\nfeed'])('is signed under no such name as %j', (name) => {
    expect(() => verifierKey(name, privateKey)).toThrow(TypeError);
  });
});

describe('the key of a verifier', () => {
  test('is refused when anything is cut off it, or any character is another', () => {
    for (let from = 0; from < VKEY.length; from += 1)
      for (let to = from; to <= VKEY.length; to += 1)
        if (to - from < VKEY.length) expect(parseVerifierKey(VKEY.slice(from, to))).toBeNull();
    for (let at = 0; at < VKEY.length; at += 1) {
      const next = String.fromCharCode(VKEY.charCodeAt(at) + 1);
      expect(parseVerifierKey(VKEY.slice(0, at) + next + VKEY.slice(at + 1))).toBeNull();
    }
  });

  // As note_test.go has them: a longer key, and another algorithm, each with the id that would be right.
  test.each([
    'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  ])('%s is none', (text) => {
    expect(parseVerifierKey(text)).toBeNull();
  });
});

describe('a checkpoint', () => {
  // The example of https://c2sp.org/tlog-checkpoint.
  const EXAMPLE = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

  test('is read and written as the format has it', () => {
    const checkpoint = parseCheckpoint(EXAMPLE)!;
    expect(checkpoint).toStrictEqual({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
      root: Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64'),
      extensions: [],
    });
    expect(formatCheckpoint(checkpoint)).toBe(EXAMPLE);
  });

  test('says the same after it was written and read, at any size', () => {
    const line = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(line, fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.array(line), (...all) => {
        const [origin, size, root, extensions] = all;
        const checkpoint = { origin, size, root: Buffer.from(root), extensions };
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toStrictEqual(checkpoint);
      }),
    );
  });

  test.each([
    ['no origin', EXAMPLE.slice(EXAMPLE.indexOf('\n'))],
    ['a size with a leading zero', EXAMPLE.replace('2085', '02085')],
    ['a negative size', EXAMPLE.replace('2085', '-2085')],
    ['a size beyond 2^53', EXAMPLE.replace('20852163', '9007199254740993')],
    ['a short root', EXAMPLE.replace('CsUY', '')],
    ['no last line feed', EXAMPLE.slice(0, -1)],
    ['an empty line behind', `${EXAMPLE}\n`],
  ])('with %s is none', (_, text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });

  test('counts only when a known key of its own origin signed it', () => {
    const text = formatCheckpoint({ origin: 'PeterNeumann', size: 8, root: REFERENCE_ROOTS[8]!, extensions: [] });
    const note = signNote(text, [{ name: 'PeterNeumann', privateKey }]);
    expect(openCheckpoint(note, [peter])).toMatchObject({ origin: 'PeterNeumann', size: 8, signers: [peter] });
    const foreign = signNote(text.replace('PeterNeumann', 'another.example/log'), [
      { name: 'PeterNeumann', privateKey },
    ]);
    expect(openCheckpoint(foreign, [peter])).toBeNull();
    expect(openCheckpoint(NOTE, [peter])).toBeNull();
  });
});
