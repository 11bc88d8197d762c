import { join } from 'node:path';
import { RandomStream } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../data-root.fixture.js';
import { flip, IMAGENET, normalise } from '../../front-ends/image/image.js';
import { centreCrop, randomResizedCrop } from '../../front-ends/image/random.js';
import { resize } from '../../front-ends/image/resize.js';
import { readImage } from '../../images/decode.js';
import type { ReadContext } from '../loader.js';
import { writeJpeg } from '../media.fixture.js';
import { framesLoader, framesShape, type FramesOptions } from './frames.js';

const folder = temporaryFolder();
let files: string[];
beforeAll(async () => {
  files = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => writeJpeg(join(folder, `${i}.jpg`), [40, 30], (x, y) => [6 * x, 8 * y, 40 * i])));
});

const size = { width: 12, height: 10 };
const base: FramesOptions = { count: 1, ...size };

async function read(options: FramesOptions, random?: RandomStream): Promise<Float32Array> {
  const out = new Float32Array(framesShape(options).reduce((a, b) => a * b, 1)).fill(NaN);
  const context: ReadContext = { random, cached: async (_, __, make) => make(), out };
  const data = (await framesLoader.create(options).read({ files }, context)) as Float32Array;
  expect(data).toHaveLength(out.length);
  return data;
}

describe('frames', () => {
  it('are stretched and normalised in evaluation', async () => {
    const image = await readImage(files[0]!);
    expect(await read(base)).toEqual(normalise(resize(image, size), IMAGENET));
    const centre = centreCrop(resize(image, { width: 21, height: 16 }, 'bicubic'), size);
    expect(await read({ ...base, fit: { kind: 'centre', shorter: 16 }, filter: 'bicubic', normalise: null })).toEqual(normalise(centre));
  });

  it('have shapes with time if there are several, and are picked by rule', async () => {
    expect(framesShape({ count: 1 })).toEqual([224, 224, 3]);
    expect(framesShape({ count: 3 })).toEqual([3, 224, 224, 3]);
    const blue = async (options: Partial<FramesOptions>, random?: RandomStream): Promise<number[]> => {
      const data = await read({ ...base, count: 3, normalise: null, ...options }, random);
      return [0, 1, 2].map((frame) => Math.round((data[frame * 360 + 2]! * 255) / 40));
    };
    expect(await blue({})).toEqual([0, 1, 2]);
    expect(await blue({ pick: 'segments' })).toEqual([1, 3, 5]);
    const drawn = await blue({ pick: 'segments' }, new RandomStream(5));
    drawn.forEach((frame, i) => expect(Math.floor(frame / 2)).toBe(i));
  });

  it('are cropped and mirrored at random in training passes', async () => {
    const options: FramesOptions = { ...base, augment: { crop: { kind: 'area' }, flip: 0.5 } };
    const image = await readImage(files[0]!);
    const mirrored = new Set<boolean>();
    for (let seed = 0; seed < 8; seed++) {
      const random = new RandomStream(seed).at(0);
      const cropped = randomResizedCrop(image, size, random);
      const turn = random.uniform() < 0.5;
      mirrored.add(turn);
      expect(await read(options, new RandomStream(seed))).toEqual(normalise(turn ? flip(cropped) : cropped, IMAGENET));
    }
    expect(mirrored.size).toBe(2);
    expect(await read(options)).toEqual(await read(base));
  });

  it('may share one draw, or take a box of the size as it is', async () => {
    const augment = { crop: { kind: 'place', shorter: 20 }, shared: true } as const;
    const data = await read({ ...base, count: 2, augment, normalise: null }, new RandomStream(2));
    const red = (frame: number): number[] => Array.from({ length: 12 }, (_, x) => data[frame * 360 + 3 * x]!);
    red(0).forEach((value, x) => expect(value).toBeCloseTo(red(1)[x]!, 1));
    const apart = await read({ ...base, count: 2, augment: { ...augment, shared: false }, normalise: null }, new RandomStream(2));
    expect(apart.slice(0, 36)).not.toEqual(apart.slice(360, 396));
    expect(framesLoader.augments(base)).toBe(false);
    expect(framesLoader.augments({ ...base, pick: 'random' })).toBe(true);
  });

  it('may be BGR under the same mean and deviation', async () => {
    const [rgb, bgr] = [await read({ ...base, normalise: null }), await read({ ...base, channelOrder: 'bgr', normalise: null })];
    expect([bgr[0], bgr[1], bgr[2]]).toEqual([rgb[2], rgb[1], rgb[0]]);
    const toned = await read({ ...base, channelOrder: 'bgr' });
    expect(toned[0]).toBeCloseTo((rgb[2]! - 0.485) / 0.229, 5);
  });
});
