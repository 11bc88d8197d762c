import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';

/**
 * Returns a size after checking that it is a positive integer.
 *
 * @throws EQM_PLUGIN_FAULT naming the layer and the option.
 */
export function checkSize(value: number, name: string, where: string): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `${name} must be a positive integer, got ${value}`, {
    where,
    fix: `Give ${where} a ${name} of 1 or more.`,
  });
}

/**
 * Returns a number after checking that it lies in [low, high).
 *
 * @throws EQM_PLUGIN_FAULT naming the layer and the option.
 */
export function checkRange(value: number, low: number, high: number, name: string, where: string): number {
  if (value >= low && value < high) return value;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `${name} must be at least ${low} and below ${high}, got ${value}`, {
    where,
    fix: `Change ${name} of ${where}.`,
  });
}

/**
 * Checks an input's shape; null stands for any size.
 *
 * @throws EQM_PLUGIN_FAULT naming the path of the layer, what was expected and what came.
 */
export function checkShape(input: Tensor, expected: readonly (number | null)[], where: string): void {
  if (input.rank === expected.length && expected.every((size, i) => size === null || size === input.shape[i])) return;
  const wanted = expected.map((size) => size ?? '*').join(', ');
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the input must have the shape [${wanted}], got [${input.shape.join(', ')}]`, {
    where,
    fix: 'Make the sizes this layer was built with those of what it is applied to.',
  });
}

/** A number for both spatial axes, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Both spatial axes of a size, checked. */
export function checkPair(value: Pair, name: string, where: string): readonly [number, number] {
  const [height, width] = typeof value === 'number' ? [value, value] : value;
  return [checkSize(height, name, where), checkSize(width, name, where)];
}

/** A number for all three axes, or [time, height, width]. */
export type Triple = number | readonly [number, number, number];

/** All three axes of a size, checked. */
export function checkTriple(value: Triple, name: string, where: string): readonly [number, number, number] {
  const [time, height, width] = typeof value === 'number' ? [value, value, value] : value;
  return [checkSize(time, name, where), checkSize(height, name, where), checkSize(width, name, where)];
}
