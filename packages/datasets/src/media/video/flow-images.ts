import type { RandomStream } from '@equimodal/core';
import { flip, type Image } from '../../front-ends/image/image.js';
import { pickFrames, picksAtRandom, type FrameRule } from '../../front-ends/image/pick.js';
import { resize } from '../../front-ends/image/resize.js';
import { readImage } from '../../images/decode.js';
import { defineLoader, type MediaLoader, type MediaSource, type ReadContext } from '../loader.js';

export type FlowImagesOptions = {
  /** Frames of a row. */
  readonly count: number;
  readonly pick: FrameRule;
  /** Pixels. */
  readonly size: number;
  /**
   * Mirroring of half of the frames in training passes. `consistent`: both axes, and flow to the right becomes flow to the left;
   * `independent`: each axis by itself, values as they are.
   */
  readonly mirror: 'consistent' | 'independent' | 'none';
  /** Of values in [0, 1]. */
  readonly mean: number;
  readonly deviation: number;
};

/** Images of the horizontal flow, then as many of the vertical one. */
export type FlowImagesSource = MediaSource & { readonly frames: number };

export const flowImagesShape = ({ count, size }: FlowImagesOptions): number[] => (count === 1 ? [size, size, 2] : [count, size, size, 2]);

/** Optical flow stored as two grey images a frame: [count, size, size, 2], (value / 255 - mean) / deviation. */
export const flowImagesLoader = defineLoader<FlowImagesOptions, FlowImagesSource>({
  name: 'flowImagesLoader',
  module: import.meta.url,
  version: 1,
  augments: ({ pick, mirror }) => picksAtRandom(pick) || mirror !== 'none',
  caches: () => false,
  create: (options) => new FlowImagesLoader(options),
});

class FlowImagesLoader implements MediaLoader<FlowImagesSource> {
  constructor(private readonly options: FlowImagesOptions) {}

  async read({ files, frames }: FlowImagesSource, { random }: ReadContext): Promise<Float32Array> {
    const { count, pick, size, mean, deviation } = this.options;
    const out = new Float32Array(count * size * size * 2);
    for (const [place, frame] of pickFrames(frames, count, pick, random?.at('pick')).entries()) {
      const axes = await Promise.all([files[frame]!, files[frames + frame]!].map((file) => readImage(file)));
      this.#mirrored(axes, random?.at(place)).forEach((axis, c) => {
        const { data } = resize(axis, { width: size, height: size });
        for (let i = 0; i < size * size; i++) out[(place * size * size + i) * 2 + c] = (data[3 * i]! / 255 - mean) / deviation;
      });
    }
    return out;
  }

  #mirrored(axes: readonly Image<Uint8Array>[], random: RandomStream | undefined): readonly Image<Uint8Array>[] {
    const { mirror } = this.options;
    if (random === undefined || mirror === 'none') return axes;
    if (mirror === 'independent') return axes.map((axis) => (random.uniform() < 0.5 ? flip(axis) : axis));
    if (random.uniform() >= 0.5) return axes;
    return axes.map((axis, c) => {
      const mirrored = flip(axis);
      return c === 0 ? { ...mirrored, data: mirrored.data.map((value) => 255 - value) } : mirrored;
    });
  }
}
