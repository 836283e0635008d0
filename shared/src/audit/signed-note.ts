import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** Signed notes as https://c2sp.org/signed-note has them, with Ed25519 (signature type 1). */
const ED25519 = 1;
/** Base64 of a 4-byte key id and a 64-byte signature. */
const SIGNATURE_BYTES = 68;
/** More lines than this are not looked at: as in Go's `sumdb/note`. */
const MOST_SIGNATURES = 100;

/** A public key with the name that it signs under. */
export interface VerifierKey {
  /** Not empty, no space, no `+`. */
  readonly name: string;
  /** Hex of 4 bytes. */
  readonly keyId: string;
  readonly key: KeyObject;
}

/** A private key with the name that it signs under. */
export interface NoteSigner {
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

export interface SignedNote {
  /** With its last line feed: what the signatures are over. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Below U+0020, but for the line feed. */
const CONTROL = /(?![\n\u007f-\u009f])\p{Cc}/u;

const isName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && !/[\s+\p{White_Space}\p{Cc}]/u.test(name);

/** The bytes behind standard base64, or null where the text is any other spelling of them. */
const readBase64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
};

/** The 32 bytes of an Ed25519 public key. Takes the private key too. */
export const rawPublicKey = (key: KeyObject): Buffer => {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  if (half.asymmetricKeyType !== 'ed25519') throw new TypeError('A note is signed with Ed25519');
  return Buffer.from(half.export({ format: 'jwk' }).x ?? '', 'base64url');
};

const idOf = (name: string, typed: Buffer): string =>
  createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);

/** The verifier's half of a key, public or private. Throws for a name that a note cannot carry. */
export const verifierKey = (name: string, key: KeyObject): VerifierKey => {
  if (!isName(name)) throw new TypeError('A name in a note is not empty and holds no space and no plus sign');
  const keyId = idOf(name, Buffer.concat([Buffer.of(ED25519), rawPublicKey(key)]));
  return { name, keyId, key: key.type === 'private' ? createPublicKey(key) : key };
};

/** A key as verifiers exchange it ("vkey"): `name+key id+base64(0x01 ‖ public key)`. */
export const formatVerifierKey = ({ name, keyId, key }: VerifierKey): string =>
  `${name}+${keyId}+${Buffer.concat([Buffer.of(ED25519), rawPublicKey(key)]).toString('base64')}`;

/** Reads what `formatVerifierKey` writes; null for anything else, an id that is not the key's included. */
export const parseVerifierKey = (text: string): VerifierKey | null => {
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (name === undefined || encoded === undefined || !isName(name)) return null;
  const typed = readBase64(encoded);
  if (typed?.length !== 33 || typed[0] !== ED25519 || idOf(name, typed) !== keyId) return null;
  const x = typed.subarray(1).toString('base64url');
  return { name, keyId, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
};

/** Signs a text, which ends with a line feed, with each key. The same text and keys give the same note. */
export const signNote = (text: string, signers: readonly NoteSigner[]): string => {
  if (!text.endsWith('\n') || !text.isWellFormed() || CONTROL.test(text))
    throw new TypeError('The text of a note ends with a line feed and holds no other control character');
  const lines = signers.map(({ name, privateKey }) => {
    const { keyId } = verifierKey(name, privateKey);
    const signature = sign(null, Buffer.from(text, 'utf8'), privateKey);
    return `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
};

const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+=*)$/;

/** Takes a note apart without checking a signature; null for what is none. */
export const parseNote = (note: string): SignedNote | null => {
  const cut = note.lastIndexOf('\n\n');
  if (cut === -1 || !note.endsWith('\n') || !note.isWellFormed() || CONTROL.test(note)) return null;
  const lines = note.slice(cut + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures = lines.map((line) => {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = encoded === undefined ? null : readBase64(encoded);
    if (name === undefined || !isName(name) || !bytes || bytes.length < 5) return null;
    return { name, keyId: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
  });
  return signatures.every((signature) => signature !== null) ? { text: note.slice(0, cut + 1), signatures } : null;
};

/** A note that at least one known key signed. */
export interface OpenedNote {
  readonly text: string;
  /** Whose signatures were found and hold. */
  readonly signers: readonly VerifierKey[];
}

/**
 * Checks a note against known keys. Signatures of others are passed over; one under a known name and key id that does not
 * hold spoils the note, as do signatures of nobody known: null.
 */
export const openNote = (note: string, known: readonly VerifierKey[]): OpenedNote | null => {
  const parsed = parseNote(note);
  if (!parsed) return null;
  const bytes = Buffer.from(parsed.text, 'utf8');
  const signers = new Set<VerifierKey>();
  for (const { name, keyId, signature } of parsed.signatures) {
    const key = known.find((one) => one.name === name && one.keyId === keyId);
    if (!key) continue;
    if (signature.length !== SIGNATURE_BYTES - 4 || !verify(null, bytes, key.key, signature)) return null;
    signers.add(key);
  }
  return signers.size === 0 ? null : { text: parsed.text, signers: [...signers] };
};
