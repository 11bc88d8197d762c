import { EquimodalError, messageOf } from '@equimodal/core';
import type sharpModule from 'sharp';
import { crop, type Box, type Image, type Size } from '../front-ends/image/image.js';
import { malformed, readBytes } from '../readers/bytes.js';
import { isBmp, parseBmp } from './bmp.js';
import { decodeBaseline, whole } from './jpeg/jpeg.js';

export interface DecodeOptions {
  /** Accept an image that ends early: what is missing is grey or black. Default: refuse it. */
  readonly truncated?: 'accept' | 'refuse';
  /** The part of the image that is wanted, by its size; it lies inside. Default: all of it. */
  readonly part?: (size: Size) => Box;
}

/** The part of sharp that is used. */
type Sharp = typeof sharpModule;

let loaded: Promise<Sharp> | undefined;

/** @throws EQM_DATA_DECODER when `sharp` is not installed. */
function loadSharp(file: string): Promise<Sharp> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    // Images are decoded by as many threads as read rows: one each is enough, and nothing is read twice.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loaded.catch((cause: unknown) => {
    throw new EquimodalError(
      'EQM_DATA_DECODER',
      `JPEG and PNG images need the package "sharp", which cannot be loaded: ${messageOf(cause)}`,
      {
        where: file,
        fix: 'npm install sharp',
        cause,
      },
    );
  });
}

/**
 * Decodes a JPEG, PNG, BMP, WebP, GIF or TIFF image to 8-bit RGB [height, width, 3]: grey is repeated, transparency is dropped,
 * colour profiles and orientation marks are ignored, as `Image.open(file).convert('RGB')` of Pillow does.
 *
 * @throws EQM_DATA_MALFORMED naming the file; EQM_DATA_DECODER without `sharp` (BMP and baseline JPEG need none).
 */
export async function decodeImage(bytes: Uint8Array, file: string, { truncated, part }: DecodeOptions = {}): Promise<Image<Uint8Array>> {
  if (bytes.length === 0) throw malformed(file, 0, 'an image is empty');
  let chosen: Box | undefined;
  // It may draw random numbers, and who asks for it first may fail.
  const boxOf = (size: Size): Box => (chosen ??= (part ?? whole)(size));
  const baseline = decodeBaseline(bytes, boxOf);
  if (baseline !== undefined) return baseline;
  const image = isBmp(bytes) ? parseBmp(bytes, file) : await decodeWithSharp(bytes, file, truncated);
  return part === undefined ? image : crop(image, boxOf(image));
}

async function decodeWithSharp(bytes: Uint8Array, file: string, truncated: DecodeOptions['truncated']): Promise<Image<Uint8Array>> {
  const sharp = await loadSharp(file);
  let decoded;
  try {
    decoded = await sharp(bytes, { failOn: truncated === 'accept' ? 'none' : 'error', ignoreIcc: true, sequentialRead: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw malformed(file, '', `an image cannot be decoded: ${messageOf(cause)}`, cause);
  }
  const { width, height, channels } = decoded.info;
  const data = new Uint8Array(decoded.data.buffer, decoded.data.byteOffset, decoded.data.length);
  if ((channels as number) === 3) return { width, height, channels, data };
  if ((channels as number) !== 1) throw malformed(file, '', `an image has ${channels} channels`);
  const rgb = new Uint8Array(3 * data.length);
  data.forEach((value, i) => rgb.fill(value, 3 * i, 3 * i + 3));
  return { width, height, channels: 3, data: rgb };
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED, EQM_DATA_DECODER */
export function readImage(path: string, options: DecodeOptions = {}): Promise<Image<Uint8Array>> {
  return decodeImage(readBytes(path), path, options);
}
