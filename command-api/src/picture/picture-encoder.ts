import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';

/** Largest picture that is taken, in bytes. */
export const MAX_PICTURE = 5 * 1024 * 1024;
/** Most pixels: what a phone's camera makes. Decoding takes up to 6 bytes of memory for each, for a moment. */
export const MAX_PIXELS = 50_000_000;
/** Longest side of what is kept, in pixels. */
export const MAX_SIDE = 512;

/** A picture as it is kept and served: upright, at most `MAX_SIDE` on each side, one frame, no metadata. */
export interface EncodedPicture {
  readonly type: 'image/webp';
  readonly bytes: Buffer;
}

/**
 * Makes what is kept out of what was sent. A rejection for what is no whole PNG, JPEG or WebP, or has too many pixels.
 * Works outside the event loop, on one picture at a time, so that its memory stays bounded.
 */
export type EncodePicture = (sent: Buffer) => Promise<EncodedPicture | Rejection>;

const refuse = (code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field: 'body', code, message }] });

/** The bytes are of another kind, whatever the header said (RFC 9110, 15.5.16). */
export const NOT_A_PICTURE = reject('unsupported_media_type', {
  details: [{ field: 'body', code: 'unsupported', message: 'must be a PNG, JPEG or WebP picture' }],
});
export const BROKEN_PICTURE = refuse('malformed', 'must be a whole picture');
export const TOO_MANY_PIXELS = refuse('too_many_pixels', `must have at most ${String(MAX_PIXELS)} pixels`);
