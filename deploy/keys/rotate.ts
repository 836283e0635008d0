import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, publicKeyList, secretList } from '@rollbook/shared/process/secret-settings';
import { freshPair, freshSecret, type SecretName, type Secrets } from '../standalone/secrets.ts';
import { added, nextId, promoted, stagedId, type RotationStep } from './key-lists.ts';

/** What can be rotated: its settings (of a pair the private one first), and how a new value is made. */
const KINDS = {
  token: { names: ['TOKEN_PRIVATE_KEYS', 'TOKEN_PUBLIC_KEYS'], form: [privateKeyList('rsa'), publicKeyList('rsa')] },
  notary: {
    names: ['NOTARY_PRIVATE_KEYS', 'NOTARY_PUBLIC_KEYS'],
    form: [privateKeyList('ed25519'), publicKeyList('ed25519')],
  },
  receipt: {
    names: ['RECEIPT_PRIVATE_KEYS', 'RECEIPT_PUBLIC_KEYS'],
    form: [privateKeyList('ed25519'), publicKeyList('ed25519')],
  },
  master: { names: ['MASTER_KEY'], form: [secretList()] },
  pepper: { names: ['PASSWORD_PEPPER'], form: [secretList()] },
  link: { names: ['LINK_KEYS'], form: [secretList()] },
} as const satisfies Record<string, { names: readonly SecretName[]; form: readonly z.ZodType[] }>;

export type KeyKind = keyof typeof KINDS;

export const isKeyKind = (word: string): word is KeyKind => Object.hasOwn(KINDS, word);

/** Every kind. */
export const KEY_KINDS = Object.keys(KINDS) as readonly KeyKind[];

/** The settings that a kind stands in. */
export const settingsOfKind = (kind: KeyKind): readonly SecretName[] => KINDS[kind].names;

const freshValues = async (kind: KeyKind): Promise<readonly string[]> => {
  if (kind === 'master' || kind === 'pepper' || kind === 'link') return [freshSecret()];
  const pair = await freshPair(kind === 'token' ? 'rsa' : 'ed25519');
  return [pair.privateKey, pair.publicKey];
};

/**
 * The settings of a kind after one step. Former keys stay in the list: what was made with them is still accepted. Throws
 * ConfigError where the given settings are no lists of such keys, RotationRefused where the step cannot be taken.
 */
export const rotated = async (
  kind: KeyKind,
  step: RotationStep,
  given: Readonly<Record<string, string | undefined>>,
): Promise<Partial<Secrets>> => {
  const { names, form } = KINDS[kind];
  readConfig(z.object(Object.fromEntries(names.map((name, index) => [name, form[index] ?? z.never()]))), { ...given });
  const lists = names.map((name) => given[name] ?? '');
  if (step === 'promote') {
    const id = stagedId(lists[0] ?? '');
    return Object.fromEntries(names.map((name, index) => [name, promoted(lists[index] ?? '', id)]));
  }
  const id = nextId(lists);
  const values = await freshValues(kind);
  const after = names.map((name, index) => [name, added(lists[index] ?? '', step, { id, value: values[index] ?? '' })]);
  return Object.fromEntries(after) as Partial<Secrets>;
};
