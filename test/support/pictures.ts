import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** A picture whose left half is red and whose right half is blue, so that one can tell which side is up. */
export const picture = (width: number, height = width): Sharp =>
  sharp({
    create: { width, height, channels: 3, background: { r: 255, g: 0, b: 0 } },
    limitInputPixels: false,
  }).composite(
    width < 2
      ? []
      : [
          {
            input: { create: { width: width >> 1, height, channels: 3, background: { r: 0, g: 0, b: 255 } } },
            left: width - (width >> 1),
            top: 0,
          },
        ],
  );

export const GPS = '48/1 51/1 2999/100';
export const OWNER = 'Wanda Camera';

/** A JPEG as a camera makes it: lying on its side, with whose and where it was taken. */
export const cameraPicture = (width: number, height: number): Promise<Buffer> =>
  picture(width, height)
    .withMetadata({ orientation: 6 })
    .withExif({ IFD0: { Copyright: OWNER }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: GPS } })
    .jpeg()
    .toBuffer();

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG of some hundred bytes that says it has so many pixels, and would unpack to them. */
export const bomb = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // One bit for a pixel, grey.
  header.writeUInt8(1, 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * Math.min(height, 1_000)), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
};

/** The colours of some points, each as `red`, `blue` or the raw values. */
export const coloursAt = async (
  bytes: Buffer,
  ...points: readonly (readonly [number, number])[]
): Promise<readonly string[]> => {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return points.map(([x, y]) => {
    const at = (y * info.width + x) * info.channels;
    const [red = 0, , blue = 0] = data.subarray(at, at + 3);
    if (red > 200 && blue < 60) return 'red';
    return blue > 200 && red < 60 ? 'blue' : data.subarray(at, at + 3).toString('hex');
  });
};
