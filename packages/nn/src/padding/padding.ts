import { EquimodalError } from '@equimodal/core';

/**
 * Padding of a window that slides over height and width.
 *
 * A number is PyTorch's: as many rows and columns on all four sides. `same` is TensorFlow's: the output has
 * ceil(size / stride) rows, an odd row goes to the bottom. `valid` is none.
 */
export type Padding = number | 'same' | 'valid';

/** What to pad explicitly before the op, and the padding the op itself is then given. */
export interface ResolvedPadding {
  readonly pad: 'same' | 'valid';
  /** [before, after] for height and width. */
  readonly explicit?: readonly [readonly [number, number], readonly [number, number]];
  /** Output height and width. */
  readonly output: readonly [number, number];
}

/**
 * Finds the cheapest way to the same output: where symmetric padding and `same` place every window alike, the op
 * pads itself; otherwise only the rows that a window reaches are padded.
 *
 * @param paddingIsIgnored false where padded zeros count (average pooling): `same` must not stand in for a number then.
 * @throws EQM_PLUGIN_FAULT when the window does not fit into the padded input.
 */
export function resolvePadding(
  input: readonly [number, number],
  window: readonly [number, number],
  stride: readonly [number, number],
  padding: Padding,
  where: string,
  paddingIsIgnored = true,
): ResolvedPadding {
  const axes = [0, 1] as const;
  if (padding === 'same') {
    return { pad: 'same', output: [Math.ceil(input[0] / stride[0]), Math.ceil(input[1] / stride[1])] };
  }
  const amount = padding === 'valid' ? 0 : padding;
  const outputs = axes.map((a) => Math.floor((input[a] + 2 * amount - window[a]) / stride[a]) + 1) as [number, number];
  if (outputs[0] < 1 || outputs[1] < 1) {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `a window of ${window.join(' x ')} does not fit into an input of ${input.join(' x ')} with padding ${amount}`,
      {
        where,
        fix: 'Use a smaller window or fewer strided layers, or feed larger inputs.',
      },
    );
  }
  if (amount === 0) return { pad: 'valid', output: outputs };
  const asSame = axes.every((a) => {
    const total = Math.max((outputs[a] - 1) * stride[a] + window[a] - input[a], 0);
    return outputs[a] === Math.ceil(input[a] / stride[a]) && Math.floor(total / 2) === amount;
  });
  if (asSame && paddingIsIgnored) return { pad: 'same', output: outputs };
  const explicit = axes.map((a) => [amount, Math.max((outputs[a] - 1) * stride[a] + window[a] - input[a] - amount, 0)] as const);
  return { pad: 'valid', explicit: [explicit[0]!, explicit[1]!], output: outputs };
}

/** Checks a padding: a non-negative integer, `same` or `valid`. */
export function checkPadding(padding: Padding, where: string): Padding {
  if (padding === 'same' || padding === 'valid' || (Number.isInteger(padding) && padding >= 0)) return padding;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `padding must be a non-negative integer, "same" or "valid", got ${padding}`, {
    where,
    fix: `Change the padding of ${where}.`,
  });
}
