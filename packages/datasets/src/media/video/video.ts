import type { RandomStream } from '@equimodal/core';
import { crop, IMAGENET, normalise, reverseChannels, type Box, type Image } from '../../front-ends/image/image.js';
import { resize } from '../../front-ends/image/resize.js';
import { readImage } from '../../images/decode.js';
import { defineLoader, type MediaLoader, type MediaSource, type ReadContext } from '../loader.js';
import { decodeVideo } from './ffmpeg.js';

export type VideoOptions = {
  /** Frames of a clip; what it lacks is black. */
  readonly length: number;
  /** Frames that are taken, one behind the other: from a random place in training passes, else from the first. */
  readonly take: number;
  /** Pixels that frames are stretched to. */
  readonly size: number;
  /** Pixels of the part that is taken: at a random place in training passes, else in the middle. */
  readonly crop: number;
  /** `red`: the first channel of the decoded frame, divided by 255. Others have mean and deviation of ImageNet, in the order of RGB. */
  readonly channels: 'rgb' | 'bgr' | 'red';
  /** Nothing is random. */
  readonly still?: boolean;
};

/** One video file, or its frames as images in order. */
export type VideoSource = MediaSource & {
  readonly video: boolean;
  /** First frame of the clip, and the one behind its last. */
  readonly from: number;
  readonly to: number;
};

export const videoShape = ({ take, crop, channels }: VideoOptions): number[] => [take, crop, crop, channels === 'red' ? 1 : 3];

/** Consecutive frames of a clip [take, crop, crop, channels], one crop for all of them. */
export const videoLoader = defineLoader<VideoOptions, VideoSource>({
  name: 'videoLoader',
  module: import.meta.url,
  version: 1,
  augments: ({ still }) => still !== true,
  caches: () => true,
  create: (options) => new VideoLoader(options),
});

/** Where a square part begins: drawn from the stream's `crop`, so that modalities with one stream take the same part; else the middle. */
export function partOf(size: number, part: number, random: RandomStream | undefined): Box {
  const room = size - part;
  const place = random?.at('crop');
  const [top, left] =
    place === undefined ? [Math.floor(room / 2), Math.floor(room / 2)] : [place.integer(room + 1), place.integer(room + 1)];
  return { left, top, width: part, height: part };
}

class VideoLoader implements MediaLoader<VideoSource> {
  constructor(private readonly options: VideoOptions) {}

  async read(source: VideoSource, { random, cached }: ReadContext): Promise<Float32Array> {
    const { length, take, size, crop: part, channels, still } = this.options;
    const { files, from, to } = source;
    const drawn = still === true ? undefined : random;
    const about = { length, size, from, to };
    const { shape, data } = await cached(files[0]!, about, async () => {
      const frames = (await this.#frames(source)).slice(0, length).map((frame) => resize(frame, { width: size, height: size }));
      const all = new Uint8Array(frames.length * size * size * 3);
      frames.forEach((frame, i) => all.set(frame.data, i * size * size * 3));
      return { shape: [frames.length, size, size, 3], data: all };
    });
    const start = drawn === undefined ? 0 : drawn.at('start').integer(length - take + 1);
    const box = partOf(size, part, drawn);
    const out = new Float32Array(take * part * part * (channels === 'red' ? 1 : 3));
    for (let i = 0; i < take; i++) {
      const bytes = size * size * 3;
      const at = (start + i) * bytes;
      const frame = start + i < shape[0]! ? (data as Uint8Array).subarray(at, at + bytes) : new Uint8Array(bytes);
      this.#write(crop({ width: size, height: size, channels: 3, data: frame }, box), out, i);
    }
    return out;
  }

  async #frames({ files, video, from, to }: VideoSource): Promise<Image<Uint8Array>[]> {
    const end = Math.min(to, from + this.options.length);
    if (video) return decodeVideo(files[0]!, from, end);
    return Promise.all(files.slice(from, end).map((file) => readImage(file)));
  }

  #write(frame: Image<Uint8Array>, out: Float32Array, place: number): void {
    const { channels } = this.options;
    const pixels = frame.width * frame.height;
    if (channels === 'red') {
      for (let i = 0; i < pixels; i++) out[place * pixels + i] = frame.data[3 * i]! / 255;
      return;
    }
    normalise(channels === 'bgr' ? reverseChannels(frame) : frame, IMAGENET, out, place * pixels * 3);
  }
}
