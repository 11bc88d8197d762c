import type { Bundle, Tree } from '@equimodal/core';

/** How far a replay may be from eager execution: |replayed - eager| <= ABSOLUTE + RELATIVE * max |eager|, leaf by leaf. */
export const ABSOLUTE = 1e-5;
export const RELATIVE = 2e-3;

/**
 * Compares what a replay gave with eager execution of the same program on the same inputs.
 *
 * Sums are taken in another order in a graph, so floats agree within the tolerance; integers and
 * booleans agree exactly.
 *
 * @returns what disagrees, in words, or undefined.
 */
export function disagreement(replayed: Bundle, eager: Bundle): string | undefined {
  for (const [name, tree] of Object.entries(eager)) {
    for (const path of Object.keys(tree)) {
      const found = leaf(replayed[name]!, tree, path);
      if (found !== undefined) return `${name}/${path}: ${found}`;
    }
  }
  return undefined;
}

function leaf(replayed: Tree, eager: Tree, path: string): string | undefined {
  const [a, b] = [replayed[path]!, eager[path]!];
  if (a.shape.join() !== b.shape.join() || a.dtype !== b.dtype) {
    return `replayed ${a.dtype} [${a.shape.join(', ')}], eager ${b.dtype} [${b.shape.join(', ')}]`;
  }
  const [values, expected] = [a.dataSync(), b.dataSync()];
  const exact = b.dtype !== 'float32';
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const [x, y] = [values[i]!, expected[i]!];
    if (Number.isFinite(y)) scale = Math.max(scale, Math.abs(y));
    if (Object.is(x, y) || x === y) continue;
    const difference = Math.abs(x - y);
    if (!(difference <= worst)) worst = difference;
    if (Number.isNaN(difference)) return `replayed ${x} where eager gives ${y}`;
  }
  const tolerance = exact ? 0 : ABSOLUTE + RELATIVE * scale;
  return worst > tolerance ? `differs by ${worst.toPrecision(3)}, tolerance ${tolerance.toPrecision(3)}` : undefined;
}
