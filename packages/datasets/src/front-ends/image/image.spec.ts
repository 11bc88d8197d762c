import fc from 'fast-check';
import { RandomStream } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded } from '../../data-root.fixture.js';
import { crop, flip, IMAGENET, normalise, reverseChannels, type Image } from './image.js';
import reference from './image.fixture.json' with { type: 'json' };
import { pickFrames, type FrameRule } from './pick.js';
import { centreBox, centreCrop, randomAreaBox, randomBox, randomResizedCrop, roundHalfEven } from './random.js';
import { resize, shorterSide, type Filter } from './resize.js';

/** The picture of the reference scripts. */
function pattern(width: number, height: number, channels = 3): Image<Uint8Array> {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) data[i++] = (x * 37 + y * 91 + c * 53 + x * y * 7) % 256;
  return { width, height, channels, data };
}

/** A stream that gives stated numbers. */
class Scripted extends RandomStream {
  readonly #uniforms: number[];
  readonly #integers: number[];

  constructor(uniforms: readonly number[], integers: readonly number[]) {
    super(0);
    this.#uniforms = [...uniforms];
    this.#integers = [...integers];
  }

  override uniform(): number {
    return this.#uniforms.shift()!;
  }

  override integer(): number {
    return this.#integers.shift()!;
  }
}

describe('resize', () => {
  it.each(Object.entries(reference.resize.pillow))('%s: bytes equal those of Pillow', (name, expected) => {
    const [filter, width, height] = name.split(' ') as [Filter, string, string];
    const image = resize(pattern(23, 17), { width: Number(width), height: Number(height) }, filter);
    expect([image.width, image.height, image.channels]).toEqual([Number(width), Number(height), 3]);
    expect(Array.from(image.data)).toEqual(expected);
  });

  it.each(['bilinear', 'bicubic'] as const)('%s: floats equal those of torch, antialiased', (filter) => {
    const image = pattern(23, 17);
    const floats = { ...image, data: Float32Array.from(image.data, (value) => value / 255) };
    const { data } = resize(floats, { width: 30, height: 5 }, filter);
    reference.resize.torch[filter].forEach((value, i) => expect(Math.abs(data[i]! - value)).toBeLessThan(2e-6));
  });

  it('keeps a constant image, however it is resized', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, size, fc.constantFrom<Filter>('bilinear', 'bicubic', 'nearest'), (w, h, width, height, filter) => {
        const image = { width: w, height: h, channels: 1, data: new Uint8Array(w * h).fill(77) };
        expect(resize(image, { width, height }, filter).data.every((value) => value === 77)).toBe(true);
      }),
    );
  });

  it('finds the size by the shorter side', () => {
    expect(shorterSide({ ...pattern(1, 1), width: 480, height: 360 }, 256)).toEqual({ width: 341, height: 256 });
    expect(shorterSide({ ...pattern(1, 1), width: 3, height: 7 }, 2)).toEqual({ width: 2, height: 4 });
  });

  it('resizes a box as if it were cut out before, also one that reaches over the edges', () => {
    const place = fc.integer({ min: -6, max: 12 });
    const size = fc.integer({ min: 1, max: 23 });
    fc.assert(
      fc.property(
        place,
        place,
        size,
        size,
        fc.constantFrom<Filter>('bilinear', 'nearest'),
        fc.boolean(),
        (left, top, width, height, filter, floats) => {
          const bytes = pattern(23, 17);
          const image = floats ? { ...bytes, data: Float32Array.from(bytes.data) } : bytes;
          const box = { left, top, width, height };
          expect(resize<Uint8Array | Float32Array>(image, { width: 9, height: 7 }, filter, box)).toEqual(
            resize<Uint8Array | Float32Array>(crop<Uint8Array | Float32Array>(image, box), { width: 9, height: 7 }, filter),
          );
        },
      ),
    );
  });

  it('refuses a size that is none', async () => {
    expect((await coded(() => resize(pattern(2, 2), { width: 0, height: 3 }))).code).toBe('EQM_CONFIG_INVALID');
  });
});

describe('crop and flip', () => {
  it('fills what is outside of the image with 0', () => {
    const image = { width: 2, height: 2, channels: 1, data: Uint8Array.from([1, 2, 3, 4]) };
    expect([...crop(image, { left: 1, top: 0, width: 1, height: 2 }).data]).toEqual([2, 4]);
    expect([...crop(image, { left: -1, top: 1, width: 4, height: 2 }).data]).toEqual([0, 3, 4, 0, 0, 0, 0, 0]);
    expect([...crop(image, { left: 5, top: 5, width: 1, height: 1 }).data]).toEqual([0]);
    expect([...centreCrop(image, { width: 1, height: 4 }).data]).toEqual([0, 1, 3, 0]);
  });

  it('flips and reverses channels; twice is nothing', () => {
    const image = { width: 2, height: 1, channels: 3, data: Float32Array.from([1, 2, 3, 4, 5, 6]) };
    expect([...flip(image).data]).toEqual([4, 5, 6, 1, 2, 3]);
    expect([...reverseChannels(image).data]).toEqual([3, 2, 1, 6, 5, 4]);
    const large = pattern(7, 5);
    expect(reverseChannels(flip(flip(reverseChannels(large))))).toEqual(large);
  });

  it('places the middle as torchvision does', () => {
    expect(centreBox({ width: 7, height: 9 }, { width: 4, height: 4 })).toEqual({ left: 2, top: 2, width: 4, height: 4 });
    expect([0.5, 1.5, 2.5, 2.4, 3.6].map(roundHalfEven)).toEqual([0, 2, 2, 2, 4]);
  });

  it('refuses an empty crop', async () => {
    expect((await coded(() => crop(pattern(2, 2), { left: 0, top: 0, width: 0, height: 1 }))).code).toBe('EQM_CONFIG_INVALID');
  });
});

describe('random boxes', () => {
  it.each(reference.crops.map((one) => [one.size.join(' x '), one] as const))('%s: as torchvision with the same draws', (_, one) => {
    const [width, height] = one.size as [number, number];
    const area = { scale: one.scale as [number, number], ratio: one.ratio as [number, number] };
    const box = randomAreaBox({ width, height }, new Scripted(one.uniforms, one.integers), area);
    expect([box.left, box.top, box.width, box.height]).toEqual(one.box);
  });

  it('lie inside the image', () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, fc.integer(), (width, height, seed) => {
        const random = new RandomStream(seed);
        const small = { width: 1 + random.integer(width), height: 1 + random.integer(height) };
        for (const box of [randomAreaBox({ width, height }, random), randomBox({ width, height }, small, random)]) {
          expect(box.left >= 0 && box.top >= 0 && box.width >= 1 && box.height >= 1).toBe(true);
          expect(box.left + box.width <= width && box.top + box.height <= height).toBe(true);
        }
      }),
    );
    const cropped = randomResizedCrop(pattern(9, 8), { width: 4, height: 3 }, new RandomStream(1));
    expect(cropped.data).toHaveLength(36);
  });

  it('are refused where the image is too small', async () => {
    const error = await coded(() => randomBox({ width: 3, height: 9 }, { width: 4, height: 4 }, new RandomStream(0)));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
  });
});

describe('normalise', () => {
  it('subtracts the mean and divides by the deviation of each channel', () => {
    const image = { width: 1, height: 2, channels: 3, data: Uint8Array.from([0, 128, 255, 255, 0, 64]) };
    const expected = [0, 128, 255, 255, 0, 64].map((value, i) => (value / 255 - IMAGENET.mean[i % 3]!) / IMAGENET.deviation[i % 3]!);
    normalise(image, IMAGENET).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect([...normalise(image)]).toEqual([0, 128 / 255, 1, 1, 0, 64 / 255].map(Math.fround));
    expect([...normalise({ ...image, data: Float32Array.from([1, 0, 0.5, 1, 1, 1]) }, { mean: [0.5], deviation: [0.5] })]).toEqual([
      1, -1, 0, 1, 1, 1,
    ]);
  });

  it('refuses a mean of another number of channels', async () => {
    expect((await coded(() => normalise(pattern(1, 1), { mean: [0, 0], deviation: [1] }))).code).toBe('EQM_CONFIG_INVALID');
  });
});

describe('picking frames', () => {
  it.each<[FrameRule, number, number, number[]]>([
    ['first', 10, 3, [0, 1, 2]],
    ['middle', 10, 1, [4]],
    ['middle', 11, 1, [5]],
    ['middle', 10, 3, [3, 4, 5]],
    ['uniform', 10, 3, [1, 5, 8]],
    ['segments', 10, 3, [1, 4, 7]],
    ['segments', 3, 3, [1, 2, 2]],
    ['random', 10, 2, [0, 1]],
    ['first', 2, 3, [0, 1, 1]],
    ['middle', 2, 4, [0, 1, 1, 1]],
    ['segments', 2, 3, [0, 1, 1]],
    ['uniform', 2, 4, [0, 0, 1, 1]],
  ])('%s of %i frames, %i', (rule, frames, k, expected) => {
    expect(pickFrames(frames, k, rule)).toEqual(expected);
  });

  it('draws within each segment, or without repetition in order', () => {
    for (let seed = 0; seed < 50; seed++) {
      pickFrames(10, 3, 'segments', new RandomStream(seed)).forEach((frame, i) => expect(Math.floor(frame / 3)).toBe(i));
      const picked = pickFrames(10, 4, 'random', new RandomStream(seed));
      expect(new Set(picked).size).toBe(4);
      expect(picked).toEqual([...picked].sort((a, b) => a - b));
    }
  });

  it('refuses a clip without frames', async () => {
    expect((await coded(() => pickFrames(0, 1, 'first'))).code).toBe('EQM_DATA_MALFORMED');
  });
});
