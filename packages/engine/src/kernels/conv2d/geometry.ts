import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';

/** Sizes of a 2-D convolution, images as [batch, height, width, channels]. */
export interface Geometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly top: number;
  readonly left: number;
}

type Shape4 = [number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/**
 * The geometry of a convolution kernel's attributes.
 *
 * @throws EquimodalError EQM_PLUGIN_FAULT for images with channels first, which this backend has not.
 */
export function geometry(imageShape: readonly number[], filterShape: readonly number[], attrs: NamedAttrMap, depthwise: boolean): Geometry {
  if (attrs['dataFormat'] !== undefined && attrs['dataFormat'] !== 'NHWC') {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `convolution of images in ${String(attrs['dataFormat'])} on the wasm engine`, {
      where: 'conv2d',
      fix: 'Lay images out as [batch, height, width, channels] (NHWC).',
    });
  }
  const info = tf.backend_util.computeConv2DInfo(
    [...imageShape] as Shape4,
    [...filterShape] as Shape4,
    attrs['strides'] as number | [number, number],
    (attrs['dilations'] ?? 1) as number | [number, number],
    attrs['pad'] as Pad,
    attrs['dimRoundingMode'] as 'floor' | 'round' | 'ceil' | undefined,
    depthwise,
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

/** Output positions [first, end) whose input position start + i * stride lies in [0, length). */
export function validRange(start: number, stride: number, length: number, count: number): [number, number] {
  const first = start >= 0 ? 0 : Math.ceil(-start / stride);
  const end = Math.min(count, Math.ceil((length - start) / stride));
  return [Math.min(first, count), Math.max(first, end)];
}

/** How many images of the batch to unfold at once, so that the patches stay near 16 MB. */
export function chunkSize(g: Geometry): number {
  const perImage = g.outHeight * g.outWidth * g.filterHeight * g.filterWidth * g.inChannels;
  return Math.max(1, Math.min(g.batch, Math.floor(4_000_000 / Math.max(1, perImage))));
}
