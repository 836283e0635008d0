/** The kinds of picture that are taken. */
export type PictureKind = 'png' | 'jpeg' | 'webp';

const startsWith = (bytes: Buffer, hex: string, at = 0): boolean =>
  bytes.subarray(at, at + hex.length / 2).toString('hex') === hex;

/** What the first bytes say that this is; null for everything else. What a header says proves nothing. */
export const sniffPicture = (bytes: Buffer): PictureKind | null => {
  if (startsWith(bytes, '89504e470d0a1a0a')) return 'png';
  if (startsWith(bytes, 'ffd8ff')) return 'jpeg';
  // RIFF, four bytes of length, WEBP.
  return startsWith(bytes, '52494646') && startsWith(bytes, '57454250', 8) ? 'webp' : null;
};
