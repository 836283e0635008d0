import { describe, expect, test } from '@jest/globals';
import { isRejection, type Rejection } from '@rollbook/shared/contracts/rejections';
import sharp from 'sharp';
import type { EncodedPicture } from '../../../../command-api/src/picture/picture-encoder.ts';
import { refusalOf, sharpEncoder } from '../../../../command-api/src/picture/sharp-encoder.ts';
import { bomb, cameraPicture, coloursAt, OWNER, picture } from '../../../support/pictures.ts';

const encode = sharpEncoder();

const kept = async (sent: Buffer): Promise<EncodedPicture> => {
  const result = await encode(sent);
  if (isRejection(result)) throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
};
const sizeOf = async (sent: Buffer): Promise<readonly unknown[]> => {
  const { width, height, format } = await sharp((await kept(sent)).bytes).metadata();
  return [format, width, height];
};
const refusal = async (sent: Buffer): Promise<readonly unknown[]> => {
  const result: Rejection | EncodedPicture = await encode(sent);
  return isRejection(result) ? [result.rejection, result.details?.[0]?.field, result.details?.[0]?.code] : ['kept'];
};

describe('A picture that is sent becomes', () => {
  test('a WebP of its own size where it is small, down to one pixel', async () => {
    expect(await sizeOf(await picture(1).png().toBuffer())).toEqual(['webp', 1, 1]);
    expect(await sizeOf(await picture(300, 200).jpeg().toBuffer())).toEqual(['webp', 300, 200]);
    expect(await sizeOf(await picture(512, 512).webp().toBuffer())).toEqual(['webp', 512, 512]);
    expect((await kept(await picture(1).png().toBuffer())).type).toBe('image/webp');
  });

  test('one of at most 512 on its longer side, in its proportions', async () => {
    expect(await sizeOf(await picture(5_000, 5_000).png().toBuffer())).toEqual(['webp', 512, 512]);
    expect(await sizeOf(await picture(2_048, 1_024).jpeg().toBuffer())).toEqual(['webp', 512, 256]);
    expect(await sizeOf(await picture(30, 3_000).webp().toBuffer())).toEqual(['webp', 5, 512]);
  });

  test('upright, without a word of who took it, where and with what', async () => {
    const sent = await cameraPicture(400, 200);
    expect((await sharp(sent).metadata()).orientation).toBe(6);
    expect(sent.includes(OWNER)).toBe(true);
    const { bytes } = await kept(sent);
    const { width, height, orientation, exif, icc, xmp } = await sharp(bytes).metadata();
    expect({ width, height, orientation, exif, icc, xmp }).toEqual({ width: 200, height: 400 });
    // The left half became the upper one.
    expect(await coloursAt(bytes, [100, 50], [100, 350])).toEqual(['red', 'blue']);
    expect(bytes.includes(OWNER)).toBe(false);
    expect(bytes.includes('EXIF')).toBe(false);
  });

  test('of an animation its first frame', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map((background) =>
        sharp({ create: { width: 40, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const animated = await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(2);
    const { bytes } = await kept(animated);
    expect((await sharp(bytes).metadata()).pages).toBeUndefined();
    expect(await sizeOf(animated)).toEqual(['webp', 40, 40]);
    expect(await coloursAt(bytes, [20, 20])).toEqual(['red']);
  });

  test('with transparency where it had some', async () => {
    const sent = await sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect((await sharp((await kept(sent)).bytes).metadata()).hasAlpha).toBe(true);
  });

  test('the same bytes whenever it is sent, so that the same picture again is no change', async () => {
    const sent = await cameraPicture(400, 200);
    expect((await kept(sent)).bytes.equals((await kept(sent)).bytes)).toBe(true);
  });
});

describe('Refused is', () => {
  test('what is no PNG, JPEG or WebP by its content', async () => {
    const unsupported = ['unsupported_media_type', 'body', 'unsupported'];
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
    for (const text of ['hello', svg, 'GIF89a\u0001\u0000\u0001\u0000', '%PDF-1.7', '<html>', '\u0000'])
      expect(await refusal(Buffer.from(text, 'latin1'))).toEqual(unsupported);
    const riff = Buffer.from('RIFF\u0000\u0000\u0000\u0000WAVEfmt ', 'latin1');
    expect(await refusal(riff)).toEqual(unsupported);
  });

  test('what only begins like one, or ends too early', async () => {
    const malformed = ['invalid_input', 'body', 'malformed'];
    expect(await refusal(Buffer.from('89504e470d0a1a0a', 'hex'))).toEqual(malformed);
    expect(await refusal(Buffer.from('ffd8ffe000104a464946', 'hex'))).toEqual(malformed);
    for (const whole of [await picture(300).png().toBuffer(), await picture(300).jpeg().toBuffer()])
      expect(await refusal(whole.subarray(0, whole.length / 2))).toEqual(malformed);
  });

  test('a bomb: a few bytes that would unpack to more pixels than a camera makes', async () => {
    const tooMany = ['invalid_input', 'body', 'too_many_pixels'];
    const sent = bomb(60_000, 60_000);
    expect(sent.length).toBeLessThan(10_000);
    expect(await refusal(sent)).toEqual(tooMany);
    expect(await refusal(bomb(50_001, 1_000))).toEqual(tooMany);
  });

  test('and the next one is taken all the same', async () => {
    const [refused, taken] = await Promise.all([
      refusal(Buffer.from('ffd8ffe000104a464946', 'hex')),
      sizeOf(await picture(20).png().toBuffer()),
    ]);
    expect([refused[0], taken]).toEqual(['invalid_input', ['webp', 20, 20]]);
  });
});

test('A picture that takes too long is to be sent again: nobody knows that it is broken', () => {
  expect(refusalOf(new Error('timeout: 45% complete')).rejection).toBe('picture_queue_full');
  expect(refusalOf(new Error('pngload_buffer: libspng read error'))).toMatchObject({ rejection: 'invalid_input' });
});
