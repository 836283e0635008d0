import { nonceBytes, open, seal } from '../personal-data/aes-gcm.ts';
import type { PictureName } from './picture-store.ts';

/** Bound to its name: under another one it does not open. */
const aad = ({ owner, id }: PictureName): string => `picture\n${owner}\n${id}`;

/** The picture as a store gets it: nonce, ciphertext, tag. `nonce`: fresh random bytes. */
export const sealPicture = (key: Buffer, nonce: Buffer, name: PictureName, picture: Buffer): Buffer => {
  const sealed = seal(key, nonce, picture, aad(name));
  return Buffer.concat([sealed.nonce, sealed.ciphertext]);
};

/** The picture; throws when key, name and bytes do not belong together. */
export const openPicture = (key: Buffer, name: PictureName, sealed: Buffer): Buffer =>
  open(key, { nonce: sealed.subarray(0, nonceBytes), ciphertext: sealed.subarray(nonceBytes) }, aad(name));
