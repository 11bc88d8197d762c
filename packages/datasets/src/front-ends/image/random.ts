import { EquimodalError, type RandomStream } from '@equimodal/core';
import { crop, type Box, type Image, type Size } from './image.js';
import { resize, type Filter } from './resize.js';

/** Half to even, as Python rounds. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The box of that size in the middle; where the image is smaller the box reaches over its edges. */
export function centreBox(image: Size, { width, height }: Size): Box {
  const pad = (size: number, inner: number): number => (inner > size ? -Math.floor((inner - size) / 2) : roundHalfEven((size - inner) / 2));
  return { left: pad(image.width, width), top: pad(image.height, height), width, height };
}

/** The middle of an image, as torchvision's `CenterCrop`: what is missing is 0. */
export function centreCrop<T extends Uint8Array | Float32Array>(image: Image<T>, size: Size): Image<T> {
  return crop(image, centreBox(image, size));
}

/** A box of that size at a random place. @throws EQM_DATA_MALFORMED when the image is smaller. */
export function randomBox(image: Size, { width, height }: Size, random: RandomStream): Box {
  if (image.width < width || image.height < height) {
    throw new EquimodalError('EQM_DATA_MALFORMED', `an image of ${image.width} x ${image.height} has no crop of ${width} x ${height}`);
  }
  const top = random.integer(image.height - height + 1);
  return { left: random.integer(image.width - width + 1), top, width, height };
}

/** Share of the area and proportions (width : height) of a random box. */
export interface RandomArea {
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
}

export const DEFAULT_AREA: RandomArea = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] };

/**
 * A random box as torchvision's `RandomResizedCrop` draws it: area uniform in `scale`, logarithm of the proportions uniform in
 * `ratio`, ten tries; then the middle of the image, cut to allowed proportions.
 */
export function randomAreaBox(image: Size, random: RandomStream, { scale, ratio }: RandomArea = DEFAULT_AREA): Box {
  const { width: w, height: h } = image;
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = w * h * (scale[0] + (scale[1] - scale[0]) * random.uniform());
    const proportions = Math.exp(low + (high - low) * random.uniform());
    const width = roundHalfEven(Math.sqrt(area * proportions));
    const height = roundHalfEven(Math.sqrt(area / proportions));
    if (width < 1 || height < 1 || width > w || height > h) continue;
    const top = random.integer(h - height + 1);
    return { left: random.integer(w - width + 1), top, width, height };
  }
  const size = { width: w, height: h };
  if (w / h < ratio[0]) size.height = roundHalfEven(w / ratio[0]);
  else if (w / h > ratio[1]) size.width = roundHalfEven(h * ratio[1]);
  return { ...size, left: Math.floor((w - size.width) / 2), top: Math.floor((h - size.height) / 2) };
}

/** A random box, resized. */
export function randomResizedCrop<T extends Uint8Array | Float32Array>(
  image: Image<T>,
  size: Size,
  random: RandomStream,
  { area = DEFAULT_AREA, filter = 'bilinear' }: { readonly area?: RandomArea; readonly filter?: Filter } = {},
): Image<T> {
  return resize(image, size, filter, randomAreaBox(image, random, area));
}
