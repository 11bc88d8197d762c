import type { Image } from '../front-ends/image/image.js';
import { ByteReader, elementCount } from '../readers/bytes.js';

export const isBmp = (bytes: Uint8Array): boolean => bytes[0] === 0x42 && bytes[1] === 0x4d;

/**
 * Parses an uncompressed Windows bitmap of 8 (with a palette), 24 or 32 bits to RGB; the fourth byte of a pixel is dropped.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset.
 */
export function parseBmp(bytes: Uint8Array, file: string): Image<Uint8Array> {
  const reader = new ByteReader(bytes, file);
  if (reader.ascii(2, 'the bitmap tag') !== 'BM') throw reader.fail('not a bitmap', 0);
  reader.take(8, 'the file header');
  const pixels = reader.u32('where the pixels begin');
  const headerSize = reader.u32('the size of the header');
  if (headerSize < 40) throw reader.fail(`a bitmap header of ${headerSize} bytes is not read, only those of 40 or more`, 14);
  const width = reader.i32('the width');
  const rows = reader.i32('the height');
  reader.u16('the planes');
  const bits = reader.u16('the bits per pixel');
  const compression = reader.u32('the compression');
  if (![8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32)))
    throw reader.fail(`a bitmap of ${bits} bits with compression ${compression} is not read`, 28);
  reader.take(12, 'the bitmap header');
  const used = reader.u32('the number of colours');
  const height = Math.abs(rows);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width < 1 || height < 1) throw reader.fail(`a bitmap of ${width} x ${rows} pixels`, 18);
  elementCount([height, stride], bytes.length, (what) => reader.fail(what, 18));
  if (headerSize + 14 > bytes.length) throw reader.fail('truncated: the header ends behind the file', 14);
  reader.offset = 14 + headerSize;
  const palette = bits === 8 ? reader.take(4 * (used === 0 ? 256 : Math.min(used, 256)), 'the palette') : undefined;
  if (pixels > bytes.length) throw reader.fail(`the pixels begin at ${pixels}, the file has ${bytes.length} bytes`, 10);
  reader.offset = pixels;
  const body = reader.take(stride * height, 'the pixels');
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const line = (rows > 0 ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x++) {
      const from = palette === undefined ? line + (x * bits) / 8 : body[line + x]! * 4;
      const colours = palette ?? body;
      if (from + 3 > colours.length) throw reader.fail(`a pixel has colour ${from / 4}, which the palette lacks`, pixels + line + x);
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = colours[from + 2 - c]!;
    }
  }
  return { width, height, channels: 3, data };
}
