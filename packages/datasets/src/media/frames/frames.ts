import {
  crop,
  flip,
  IMAGENET,
  normalise,
  reverseChannels,
  type Box,
  type Image,
  type Normalisation,
  type Size,
} from '../../front-ends/image/image.js';
import { pickFrames, picksAtRandom, type FrameRule } from '../../front-ends/image/pick.js';
import { centreCrop, DEFAULT_AREA, randomAreaBox, randomBox, type RandomArea } from '../../front-ends/image/random.js';
import { resize, shorterSide, type Filter } from '../../front-ends/image/resize.js';
import { readImage } from '../../images/decode.js';
import { within } from '../failure.js';
import { defineLoader, type Decoded, type MediaLoader, type MediaSource, type ReadContext } from '../loader.js';
import type { RandomStream } from '@equimodal/core';

/** How an image is brought to its size where nothing is random. */
export type Fit =
  /** Exactly to the size; proportions change. */
  | { readonly kind: 'stretch' }
  /** Shorter side to `shorter`, where given, then the middle of the size. */
  | { readonly kind: 'centre'; readonly shorter?: number };

/** What is random in training passes. */
export type Augmentation = {
  /** A random box resized to the size; or a random box of the size (after `shorter`, where given). Absent: as in evaluation. */
  readonly crop?:
    | { readonly kind: 'area'; readonly scale?: readonly [number, number]; readonly ratio?: readonly [number, number] }
    | { readonly kind: 'place'; readonly shorter?: number };
  /** Probability of mirroring. */
  readonly flip?: number;
  /** One draw for all frames of a row. Default false: each frame has its own, as where frames are transformed one by one. */
  readonly shared?: boolean;
};

export type FramesOptions = {
  /** Frames of a row. */
  readonly count: number;
  /** Which of the files of a row. Default `first`. */
  readonly pick?: FrameRule;
  /** Pixels. Default 224. */
  readonly height?: number;
  readonly width?: number;
  readonly filter?: Filter;
  /** Default: stretch. */
  readonly fit?: Fit;
  /** Absent: training passes read as evaluation does. */
  readonly augment?: Augmentation;
  /** Default: that of ImageNet. null leaves values in [0, 1]. */
  readonly normalise?: Normalisation | null;
  /** Default `rgb`. With `bgr` mean and deviation still apply in the order given. */
  readonly channelOrder?: 'rgb' | 'bgr';
  /** Accept images that end early. Default false. */
  readonly truncated?: boolean;
};

/** Shape of a row: [height, width, 3] of one frame, else [count, height, width, 3]. */
export function framesShape({ count, height = 224, width = 224 }: FramesOptions): number[] {
  return count === 1 ? [height, width, 3] : [count, height, width, 3];
}

/** Images of a row (its files, in order): some are picked, decoded, brought to size, augmented and normalised. */
export const framesLoader = defineLoader<FramesOptions>({
  name: 'framesLoader',
  module: import.meta.url,
  version: 1,
  augments: ({ pick = 'first', augment }) => picksAtRandom(pick) || augment !== undefined,
  caches: ({ augment }) => augment === undefined,
  create: (options) => new FramesLoader(options),
});

class FramesLoader implements MediaLoader {
  readonly #size: Size;

  constructor(private readonly options: FramesOptions) {
    const { height = 224, width = 224 } = options;
    this.#size = { width, height };
  }

  async read({ files }: MediaSource, { random, cached, out }: ReadContext): Promise<Float32Array> {
    const { count, pick = 'first', augment, normalise: normalisation = IMAGENET, channelOrder } = this.options;
    const picked = pickFrames(files.length, count, pick, random?.at('pick')).map((frame) => files[frame]!);
    const { width, height } = this.#size;
    for (const [place, file] of picked.entries()) {
      const image =
        random === undefined || augment === undefined
          ? await this.#fitted(file, cached)
          : await this.#augmented(file, random.at(augment.shared === true ? 'shared' : place), augment);
      const ordered = channelOrder === 'bgr' ? reverseChannels(image) : image;
      normalise(ordered, normalisation ?? undefined, out, place * width * height * 3);
    }
    return out;
  }

  #decoded(file: string, part?: (size: Size) => Box): Promise<Image<Uint8Array>> {
    return readImage(file, { truncated: this.options.truncated === true ? 'accept' : 'refuse', ...(part === undefined ? {} : { part }) });
  }

  async #fitted(file: string, cached: ReadContext['cached']): Promise<Image<Uint8Array>> {
    const { filter, fit = { kind: 'stretch' }, truncated } = this.options;
    const { width, height } = this.#size;
    const { data } = await cached(file, { width, height, filter, fit, truncated }, async (): Promise<Decoded> => {
      const fitted = this.#fit(await this.#decoded(file));
      return { shape: [height, width, 3], data: fitted.data };
    });
    return { width, height, channels: 3, data: data as Uint8Array };
  }

  #fit(image: Image<Uint8Array>): Image<Uint8Array> {
    const { filter, fit = { kind: 'stretch' } } = this.options;
    if (fit.kind === 'stretch') return resize(image, this.#size, filter);
    return centreCrop(this.#shortened(image, fit.shorter), this.#size);
  }

  #shortened(image: Image<Uint8Array>, shorter: number | undefined): Image<Uint8Array> {
    return shorter === undefined ? image : resize(image, shorterSide(image, shorter), this.options.filter);
  }

  async #augmented(file: string, random: RandomStream, { crop: rule, flip: mirrored }: Augmentation): Promise<Image<Uint8Array>> {
    const image = rule?.kind === 'area' ? await this.#area(file, random, rule) : this.#place(await this.#decoded(file), random, rule, file);
    return mirrored !== undefined && random.uniform() < mirrored ? flip(image) : image;
  }

  /** A random box, of which alone colours are made, resized. */
  async #area(file: string, random: RandomStream, rule: Partial<RandomArea>): Promise<Image<Uint8Array>> {
    const area = { ...DEFAULT_AREA, ...rule };
    return resize(await this.#decoded(file, (size) => randomAreaBox(size, random, area)), this.#size, this.options.filter);
  }

  #place(image: Image<Uint8Array>, random: RandomStream, rule: { readonly shorter?: number } | undefined, file: string): Image<Uint8Array> {
    if (rule === undefined) return this.#fit(image);
    const sized = this.#shortened(image, rule.shorter);
    return within(file, () => crop(sized, randomBox(sized, this.#size, random)));
  }
}
