import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';

/** One spatial axis of a convolution. */
export interface SpatialAxis {
  readonly size: number;
  readonly out: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  /** Width of the border of zeros before the image. */
  readonly before: number;
}

/** Sizes of a convolution over images [batch, ...axes, channels]. */
export interface Geometry {
  readonly batch: number;
  readonly axes: readonly SpatialAxis[];
  readonly inChannels: number;
  readonly outChannels: number;
}

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;

/**
 * The geometry of a convolution kernel's attributes: 2-D or 3-D, after the rank of the images.
 *
 * @throws EquimodalError EQM_PLUGIN_FAULT for images with channels first, which this backend has not.
 */
export function geometry(imageShape: readonly number[], filterShape: readonly number[], attrs: NamedAttrMap, depthwise = false): Geometry {
  const format = attrs['dataFormat'];
  if (format !== undefined && format !== 'NHWC' && format !== 'NDHWC') {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `convolution of images in ${String(format)} on the wasm engine`, {
      where: `conv${imageShape.length - 2}d`,
      fix: 'Lay images out with the channels last: [batch, height, width, channels] (NHWC).',
    });
  }
  const strides = attrs['strides'] as number | [number, number];
  const dilations = (attrs['dilations'] ?? 1) as number | [number, number];
  if (imageShape.length === 5) {
    const info = tf.backend_util.computeConv3DInfo(
      [...imageShape] as Shape5,
      [...filterShape] as Shape5,
      strides as unknown as [number, number, number],
      dilations as unknown as [number, number, number],
      attrs['pad'] as 'same' | 'valid',
    );
    return {
      batch: info.batchSize,
      axes: [axisOf(info, 'Depth', 'front'), axisOf(info, 'Height', 'top'), axisOf(info, 'Width', 'left')],
      inChannels: info.inChannels,
      outChannels: info.outChannels,
    };
  }
  const info = tf.backend_util.computeConv2DInfo(
    [...imageShape] as Shape4,
    [...filterShape] as Shape4,
    strides,
    dilations,
    attrs['pad'] as Pad,
    attrs['dimRoundingMode'] as Rounding,
    depthwise,
  );
  return {
    batch: info.batchSize,
    axes: [axisOf(info, 'Height', 'top'), axisOf(info, 'Width', 'left')],
    inChannels: info.inChannels,
    outChannels: info.outChannels,
  };
}

/** One axis of what TensorFlow.js says about a convolution or a pooling: fields like inHeight and strideHeight, and its border's width. */
export function axisOf(info: object, name: 'Depth' | 'Height' | 'Width', side: 'front' | 'top' | 'left'): SpatialAxis {
  const fields = info as Readonly<Record<string, number>> & { readonly padInfo: Readonly<Record<string, number>> };
  return {
    size: fields[`in${name}`]!,
    out: fields[`out${name}`]!,
    filter: fields[`filter${name}`]!,
    stride: fields[`stride${name}`]!,
    dilation: fields[`dilation${name}`]!,
    before: fields.padInfo[side]!,
  };
}

/** Output positions [first, end) whose input position start + i * stride lies in [0, length). */
export function validRange(start: number, stride: number, length: number, count: number): [number, number] {
  const first = start >= 0 ? 0 : Math.ceil(-start / stride);
  const end = Math.min(count, Math.ceil((length - start) / stride));
  return [Math.min(first, count), Math.max(first, end)];
}
