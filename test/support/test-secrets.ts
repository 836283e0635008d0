import { generateKeyPairSync, randomBytes } from 'node:crypto';

const secret = (): string => randomBytes(32).toString('base64');

const pair = (kind: 'rsa' | 'ed25519'): { readonly secret: string; readonly open: string } => {
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return {
    secret: `k1:${privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')}`,
    open: `k1:${publicKey.export({ format: 'der', type: 'spki' }).toString('base64')}`,
  };
};

/** Fresh values for every secret setting; nothing outside one test knows them. */
export const testSecrets = () => {
  const token = pair('rsa');
  const receipt = pair('ed25519');
  const notary = pair('ed25519');
  return {
    MASTER_KEY: `m1:${secret()}`,
    PASSWORD_PEPPER: `p1:${secret()}`,
    DIGEST_KEY: secret(),
    LINK_KEYS: `l1:${secret()}`,
    TOKEN_PRIVATE_KEYS: token.secret,
    TOKEN_PUBLIC_KEYS: token.open,
    RECEIPT_PRIVATE_KEYS: receipt.secret,
    RECEIPT_PUBLIC_KEYS: receipt.open,
    NOTARY_PRIVATE_KEYS: notary.secret,
    NOTARY_PUBLIC_KEYS: notary.open,
  };
};
