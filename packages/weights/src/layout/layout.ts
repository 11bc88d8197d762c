import type { WeightName } from '@equimodal/core';
import type { Weight } from '../safetensors/safetensors.js';

export type Layout = WeightName['layout'];

/** Shape in the file (PyTorch's layout) of a variable of a shape here. */
export function fileShape(shape: readonly number[], layout: Layout): readonly number[] {
  if (layout === 'as-is') return shape;
  const [inputs = 0, outputs = 0] = shape.slice(-2);
  return [outputs, inputs, ...shape.slice(0, -2)];
}

/** Rank that a layout is for; undefined for any. */
export const LAYOUT_RANKS: Readonly<Record<Layout, number | undefined>> = { 'as-is': undefined, linear: 2, conv2d: 4, conv3d: 5 };

/**
 * A tensor of a file in the layout it has here: `linear` [out, in] -> [in, out], `conv2d` [out, in, h, w] -> [h, w, in, out],
 * `conv3d` [out, in, t, h, w] -> [t, h, w, in, out].
 */
export function fromFile({ shape, values }: Weight, layout: Layout): Weight {
  if (layout === 'as-is') return { shape, values };
  const [outputs = 0, inputs = 0, ...space] = shape;
  const points = space.reduce((product, size) => product * size, 1);
  const result = values instanceof Int32Array ? new Int32Array(values.length) : new Float32Array(values.length);
  for (let o = 0, from = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let p = 0; p < points; p++) result[(p * inputs + i) * outputs + o] = values[from++]!;
    }
  }
  return { shape: [...space, inputs, outputs], values: result };
}
