import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle } from '@equimodal/core';

/** How far a replay may be from eager execution, leaf by leaf: see `disagreement`. */
export const ABSOLUTE = 1e-5;
export const RELATIVE = 2e-3;
/** Rounding of what replaces an input, relative to its largest number. */
export const ROUNDING = 4e-6;
/** Share of the numbers that replace an input which may go their own way. */
export const STRAYS = 0.02;

/**
 * Compares what a replay gave with eager execution of the same program on the same inputs.
 *
 * Sums are taken in another order in a graph, so floats agree within ABSOLUTE + RELATIVE * max |eager|; integers and
 * booleans agree exactly. An output that replaces an input of the same name (parameters after a step) is measured by
 * how far it moved, RELATIVE * max |eager - input| beside ROUNDING: beside the size of the parameters a wrong gradient
 * would pass. There a few numbers (STRAYS) may differ by as much as they moved: adaptive optimizers blow a gradient
 * that is nothing but rounding up to a full step, in either direction.
 *
 * @returns what disagrees, in words, or undefined.
 */
export function disagreement(replayed: Bundle, eager: Bundle, inputs: Bundle = {}): string | undefined {
  for (const [name, tree] of Object.entries(eager)) {
    for (const [path, leaf] of Object.entries(tree)) {
      const found = compare(replayed[name]![path]!, leaf, inputs[name]?.[path]);
      if (found !== undefined) return `${name}/${path}: ${found}`;
    }
  }
  return undefined;
}

function compare(replayed: Tensor, eager: Tensor, input: Tensor | undefined): string | undefined {
  if (!alike(replayed, eager)) {
    return `replayed ${replayed.dtype} [${replayed.shape.join(', ')}], eager ${eager.dtype} [${eager.shape.join(', ')}]`;
  }
  const [values, expected] = [replayed.dataSync(), eager.dataSync()];
  const before = input !== undefined && alike(input, eager) ? input.dataSync() : undefined;
  const { scale, change } = extent(expected, before);
  const exact = eager.dtype !== 'float32';
  const tolerance = exact ? 0 : before === undefined ? ABSOLUTE + RELATIVE * scale : ROUNDING * scale + RELATIVE * change;
  const limit = exact || before === undefined ? tolerance : tolerance + 3 * change;
  let strays = 0;
  for (let i = 0; i < expected.length; i++) {
    const [x, y] = [values[i]!, expected[i]!];
    if (Object.is(x, y) || x === y) continue;
    const difference = Math.abs(x - y);
    if (Number.isNaN(difference)) return `replayed ${x} where eager gives ${y}`;
    if (difference > tolerance) strays++;
    if (difference > limit || strays > STRAYS * expected.length) {
      return `differs by ${difference.toPrecision(3)}, tolerance ${tolerance.toPrecision(3)}`;
    }
  }
  return undefined;
}

function alike(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

/** Largest finite number, and largest finite change from what was before. */
function extent(values: ArrayLike<number>, before: ArrayLike<number> | undefined): { scale: number; change: number } {
  let scale = 0;
  let change = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    scale = Math.max(scale, Math.abs(value));
    if (before !== undefined) change = Math.max(change, Math.abs(value - before[i]!));
  }
  return { scale, change };
}
