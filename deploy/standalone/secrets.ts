import { generateKeyPair, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ConfigError } from '@rollbook/shared/process/config';
import { readJsonFile, writePrivateJson } from './private-file.ts';

/** Everything that is generated at the first start. */
export const SECRET_NAMES = [
  'MASTER_KEY',
  'PASSWORD_PEPPER',
  'DIGEST_KEY',
  'LINK_KEYS',
  'TOKEN_PRIVATE_KEYS',
  'TOKEN_PUBLIC_KEYS',
  'NOTARY_PRIVATE_KEYS',
  'NOTARY_PUBLIC_KEYS',
  'RECEIPT_PRIVATE_KEYS',
  'RECEIPT_PUBLIC_KEYS',
] as const;
export type SecretName = (typeof SECRET_NAMES)[number];
export type Secrets = Readonly<Record<SecretName, string>>;

const Kept = z.partialRecord(z.enum(SECRET_NAMES), z.string());

/** A fresh secret, as it stands in a setting behind its id. */
export const freshSecret = (): string => randomBytes(32).toString('base64');

/** A fresh pair, each half as it stands in a setting behind its id. */
export const freshPair = async (
  kind: 'rsa' | 'ed25519',
): Promise<{ readonly privateKey: string; readonly publicKey: string }> => {
  const { publicKey, privateKey } =
    kind === 'rsa'
      ? await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
      : await promisify(generateKeyPair)('ed25519', {});
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  };
};

/** Fresh values for every secret, each with the id `k1`. */
export const generateSecrets = async (): Promise<Secrets> => {
  const secret = (): string => `k1:${freshSecret()}`;
  const [token, notary, receipt] = await Promise.all([freshPair('rsa'), freshPair('ed25519'), freshPair('ed25519')]);
  return {
    MASTER_KEY: secret(),
    PASSWORD_PEPPER: secret(),
    DIGEST_KEY: freshSecret(),
    LINK_KEYS: secret(),
    TOKEN_PRIVATE_KEYS: `k1:${token.privateKey}`,
    TOKEN_PUBLIC_KEYS: `k1:${token.publicKey}`,
    NOTARY_PRIVATE_KEYS: `k1:${notary.privateKey}`,
    NOTARY_PUBLIC_KEYS: `k1:${notary.publicKey}`,
    RECEIPT_PRIVATE_KEYS: `k1:${receipt.privateKey}`,
    RECEIPT_PUBLIC_KEYS: `k1:${receipt.publicKey}`,
  };
};

/** A file that was cut off is no file that was written here. */
const asNoJson = (fault: unknown): null => {
  if (Error.isError(fault) && fault.name === 'SyntaxError') return null;
  throw fault;
};

/** What `secrets.json` holds; nothing where there is no such file. Throws ConfigError where it is not as it was written. */
export const readSecretsFile = async (file: string): Promise<Partial<Secrets>> => {
  const parsed = Kept.safeParse(await readJsonFile(file).then((found) => found ?? {}, asNoJson));
  if (!parsed.success) throw new ConfigError(`${file} is not as it was written: put the former file back.`);
  return parsed.data;
};

/**
 * The secrets: from the environment where it names them, else from `dataDir/secrets.json`, which is made (0600) only
 * while the log is empty. Throws ConfigError where a secret is missing for a log that has events: a new one could not
 * read them.
 */
export async function provideSecrets(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  logIsEmpty: () => Promise<boolean>,
): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json');
  const kept = await readSecretsFile(file);
  const given = Object.fromEntries(SECRET_NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const known: Partial<Secrets> = { ...kept, ...given };
  const missing = SECRET_NAMES.filter((name) => known[name] === undefined);
  if (missing.length === 0) return known as Secrets;
  if (!(await logIsEmpty()))
    throw new ConfigError(
      `The event log has events, but ${missing.join(', ')} of its keys ${missing.length === 1 ? 'is' : 'are'} missing: put ${file} back.`,
    );
  // The halves of a pair belong together: one that was given alone is completed by nobody.
  const half = missing.find((name) => given[counterpart(name) ?? ''] !== undefined);
  if (half) throw new ConfigError(`${half} must be set, because the other half of the pair is.`);
  const fresh = { ...(await generateSecrets()), ...kept };
  await writePrivateJson(file, fresh);
  return { ...fresh, ...given };
}

const counterpart = (name: SecretName): string | undefined => {
  if (name.endsWith('_PRIVATE_KEYS')) return name.replace('_PRIVATE_', '_PUBLIC_');
  return name.endsWith('_PUBLIC_KEYS') ? name.replace('_PUBLIC_', '_PRIVATE_') : undefined;
};
