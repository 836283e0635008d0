import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Sharp, SharpOptions } from 'sharp';
import {
  BROKEN_PICTURE,
  MAX_PIXELS,
  MAX_SIDE,
  NOT_A_PICTURE,
  TOO_MANY_PIXELS,
  type EncodePicture,
} from './picture-encoder.ts';
import { sniffPicture } from './sniff-picture.ts';

/** Seconds after which a picture is given up. */
const LONGEST = 20;

type MakeSharp = (bytes: Buffer, options: SharpOptions) => Sharp;

/** Loads sharp at its first use: most processes never see a picture, and it takes memory. */
const loadSharp = async (): Promise<MakeSharp> => {
  const { default: sharp } = await import('sharp');
  // One thread and no cache: pictures come seldom, and none comes twice.
  sharp.concurrency(1);
  sharp.cache(false);
  // Of the many formats that libvips can read, no other decoder is ever reached.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
  });
  return sharp;
};

/**
 * A picture that was given up for its time may be a whole one: the machine is busy. Every other fault is the picture's.
 * Of its own timeout sharp says `timeout: 45% complete` (its src/common.cc).
 */
export const refusalOf = (fault: unknown): Rejection =>
  Error.isError(fault) && /\btimeout: \d+% complete/.test(fault.message)
    ? reject('picture_queue_full')
    : BROKEN_PICTURE;

/** Encodes with sharp, on libuv's pool, one picture after the other. Throws when sharp can't be loaded. */
export const sharpEncoder = (): EncodePicture => {
  let loading: Promise<MakeSharp> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  const encode: EncodePicture = async (sent) => {
    if (sniffPicture(sent) === null) return NOT_A_PICTURE;
    const sharp = await (loading ??= loadSharp());
    try {
      // Only the header is read here, so that a bomb is told from a broken file before anything is unpacked.
      const { width, height } = await sharp(sent, { limitInputPixels: false }).metadata();
      if (width * height > MAX_PIXELS) return TOO_MANY_PIXELS;
      const bytes = await sharp(sent, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
        .autoOrient()
        .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb')
        .webp({ quality: 82 })
        .timeout({ seconds: LONGEST })
        .toBuffer();
      return { type: 'image/webp', bytes };
    } catch (fault) {
      return refusalOf(fault);
    }
  };
  return (sent) => {
    const turn = last.then(() => encode(sent));
    last = turn.catch(() => undefined);
    return turn;
  };
};
