import { EquimodalError } from '@equimodal/core';

/**
 * Padding of a window that slides over height and width, or over time, height and width.
 *
 * A number is PyTorch's: as many rows and columns on all sides. `same` is TensorFlow's: the output has
 * ceil(size / stride) rows, an odd row goes to the bottom. `valid` is none.
 */
export type Padding = number | 'same' | 'valid';

/** What to pad explicitly before the op, and the padding the op itself is then given. */
export interface ResolvedPadding<S extends Sizes = readonly [number, number]> {
  readonly pad: 'same' | 'valid';
  /** [before, after] for each axis. */
  readonly explicit?: { readonly [A in keyof S]: readonly [number, number] };
  /** Output size of each axis. */
  readonly output: S;
}

/** A number for each axis that the window slides over. */
export type Sizes = readonly [number, number] | readonly [number, number, number];

/**
 * Finds the cheapest way to the same output: where symmetric padding and `same` place every window alike, the op
 * pads itself; otherwise only the rows that a window reaches are padded.
 *
 * @param paddingIsIgnored false where padded zeros count (average pooling): `same` must not stand in for a number then.
 * @throws EQM_PLUGIN_FAULT when the window does not fit into the padded input.
 */
export function resolvePadding<S extends Sizes>(
  input: S,
  window: S,
  stride: S,
  padding: Padding,
  where: string,
  paddingIsIgnored = true,
): ResolvedPadding<S> {
  const forEachAxis = <T>(fn: (size: number, window: number, stride: number, axis: number) => T): { [A in keyof S]: T } =>
    input.map((size, axis) => fn(size, window[axis]!, stride[axis]!, axis)) as { [A in keyof S]: T };
  if (padding === 'same') return { pad: 'same', output: forEachAxis((size, _, step) => Math.ceil(size / step)) as S };
  const amount = padding === 'valid' ? 0 : padding;
  const output = forEachAxis((size, width, step) => Math.floor((size + 2 * amount - width) / step) + 1) as S;
  if (output.some((size) => size < 1)) {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `a window of ${window.join(' x ')} does not fit into an input of ${input.join(' x ')} with padding ${amount}`,
      {
        where,
        fix: 'Use a smaller window or fewer strided layers, or feed larger inputs.',
      },
    );
  }
  if (amount === 0) return { pad: 'valid', output };
  const total = forEachAxis((size, width, step, axis) => (output[axis]! - 1) * step + width - size);
  const asSame = forEachAxis(
    (size, _, step, axis) => output[axis] === Math.ceil(size / step) && Math.floor(Math.max(total[axis]!, 0) / 2) === amount,
  );
  if (paddingIsIgnored && asSame.every(Boolean)) return { pad: 'same', output };
  return { pad: 'valid', explicit: forEachAxis((_size, _window, _step, axis) => [amount, Math.max(total[axis]! - amount, 0)]), output };
}

/** Checks a padding: a non-negative integer, `same` or `valid`. */
export function checkPadding(padding: Padding, where: string): Padding {
  if (padding === 'same' || padding === 'valid' || (Number.isInteger(padding) && padding >= 0)) return padding;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `padding must be a non-negative integer, "same" or "valid", got ${padding}`, {
    where,
    fix: `Change the padding of ${where}.`,
  });
}
