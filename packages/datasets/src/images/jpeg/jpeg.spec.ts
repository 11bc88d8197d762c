import fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { crop } from '../../front-ends/image/image.js';
import { damaged } from '../../readers/encode.fixture.js';
import reference from '../images.fixture.json' with { type: 'json' };
import { decodeBaseline } from './jpeg.js';

const bytesOf = (name: keyof typeof reference): Uint8Array => new Uint8Array(Buffer.from(reference[name].file, 'base64'));
const pixelsOf = (name: keyof typeof reference): number[] => [...Buffer.from(reference[name].rgb, 'base64')];

/** A picture with smooth parts, edges and noise. */
function pixels(width: number, height: number, channels: 1 | 3): Buffer {
  return Buffer.from(
    Uint8Array.from({ length: width * height * channels }, (_, i) => {
      const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
      const smooth = 128 + 90 * Math.sin(x / 9 + (i % channels)) * Math.cos(y / 7);
      const noise = ((i * 2654435761) >>> 0) % 64;
      return Math.max(0, Math.min(255, smooth + (x > width / 2 ? noise : 0) + (y > x ? 80 : 0)));
    }),
  );
}

function encode(width: number, height: number, channels: 1 | 3, options: JpegOptions): Promise<Buffer> {
  return sharp(pixels(width, height, channels), { raw: { width, height, channels } })
    .jpeg(options)
    .toBuffer();
}

describe('baseline JPEG', () => {
  it.each([
    'jpeg',
    'jpeg 4:2:0',
    'jpeg 4:2:2',
    'jpeg 4:4:4',
    'jpeg grey',
    'jpeg restarts',
    'jpeg rows',
    'jpeg extremes',
    'jpeg turned',
  ] as const)('%s: is decoded here, every pixel as Pillow has it', (name) => {
    const image = decodeBaseline(bytesOf(name))!;
    expect([image.width, image.height]).toEqual([reference[name].width, reference[name].height]);
    expect([...image.data]).toEqual(pixelsOf(name));
  });

  it('of any size and quality has the pixels of libjpeg', async () => {
    const size = fc.integer({ min: 5, max: 90 });
    const options = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
      optimiseCoding: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(size, size, fc.constantFrom<(1 | 3)[]>(1, 3), options, async (width, height, channels, chosen) => {
        const bytes = await encode(width, height, channels, chosen);
        const { data } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
        const grey = data.length === width * height;
        const image = decodeBaseline(bytes);
        expect(image?.data.every((value, i) => value === data[grey ? Math.floor(i / 3) : i])).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('gives a part as it is in the whole', async () => {
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
      const bytes = await encode(75, 53, 3, { chromaSubsampling });
      const whole = decodeBaseline(bytes)!;
      for (const box of [
        { left: 0, top: 0, width: 1, height: 1 },
        { left: 13, top: 7, width: 30, height: 21 },
        { left: 74, top: 52, width: 1, height: 1 },
        { left: 3, top: 20, width: 72, height: 33 },
      ])
        expect(decodeBaseline(bytes, () => box)).toEqual(crop(whole, box));
    }
    const grey = bytesOf('jpeg grey');
    const box = { left: 5, top: 4, width: 20, height: 11 };
    expect(decodeBaseline(grey, () => box)).toEqual(crop(decodeBaseline(grey)!, box));
  });

  it('leaves other kinds to another decoder', async () => {
    expect(decodeBaseline(bytesOf('jpeg progressive'))).toBeUndefined();
    expect(decodeBaseline(bytesOf('png'))).toBeUndefined();
    expect(decodeBaseline(new Uint8Array(0))).toBeUndefined();
    const cmyk = await sharp(pixels(20, 20, 3), { raw: { width: 20, height: 20, channels: 3 } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect(decodeBaseline(cmyk)).toBeUndefined();
    expect(decodeBaseline(await encode(4, 9, 3, { chromaSubsampling: '4:2:0' }))).toBeUndefined();
  });

  it('refuses a file that ends early, wherever', () => {
    for (const name of ['jpeg', 'jpeg restarts', 'jpeg grey'] as const) {
      const bytes = bytesOf(name);
      for (let length = 0; length < bytes.length; length += 7) expect(decodeBaseline(bytes.slice(0, length))).toBeUndefined();
      expect(decodeBaseline(bytes.slice(0, bytes.length - 1))).toBeUndefined();
    }
  });

  it('survives damage, and so does what is decoded next', () => {
    const kinds = ['jpeg', 'jpeg 4:2:0', 'jpeg 4:2:2', 'jpeg restarts', 'jpeg grey'] as const;
    const good = pixelsOf('jpeg');
    fc.assert(
      fc.property(fc.oneof(...kinds.map((name) => damaged(bytesOf(name)))), (bytes) => {
        const image = decodeBaseline(bytes);
        if (image !== undefined) expect(image.data).toHaveLength(3 * image.width * image.height);
        expect(decodeBaseline(bytesOf('jpeg'))!.data.every((value, i) => value === good[i])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
