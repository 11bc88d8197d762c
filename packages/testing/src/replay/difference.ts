import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle } from '@equimodal/core';

/** The tolerance an engine holds its own first replays to. */
export const ABSOLUTE = 1e-5;
export const RELATIVE = 2e-3;
/** Rounding of a sum that replaces an input, relative to its largest number: some thirty units in the last place. */
export const ROUNDING = 4e-6;

/**
 * What differs between the outputs of a compiled program and those of eager execution, in words; undefined if nothing does.
 *
 * Floats agree when |compiled - eager| <= 1e-5 + 2e-3 max |eager|, leaf by leaf. An output that replaces an input of the
 * same name and shape (parameters after a step) is held to max |eager - input| instead, and to rounding: a step moves
 * parameters by little, and beside their own size a wrong gradient would pass. Integers and booleans agree exactly.
 */
export function difference(compiled: Bundle, eager: Bundle, inputs: Bundle): string | undefined {
  const [got, expected] = [namesOf(compiled), namesOf(eager)];
  if (got !== expected) return `the names of its outputs: ${got}, expected ${expected}`;
  for (const [name, tree] of Object.entries(eager)) {
    for (const [path, leaf] of Object.entries(tree)) {
      const found = ofLeaf(compiled[name]![path]!, leaf, inputs[name]?.[path]);
      if (found !== undefined) return `${name}/${path}: ${found}`;
    }
  }
  return undefined;
}

const namesOf = (bundle: Bundle): string =>
  Object.entries(bundle)
    .flatMap(([name, tree]) => Object.keys(tree).map((path) => `${name}/${path}`))
    .join(' ');

const typeOf = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(', ')}]`;

function ofLeaf(compiled: Tensor, eager: Tensor, input: Tensor | undefined): string | undefined {
  if (typeOf(compiled) !== typeOf(eager)) return `got ${typeOf(compiled)}, expected ${typeOf(eager)}`;
  const [got, expected] = [compiled.dataSync(), eager.dataSync()];
  const before = input !== undefined && typeOf(input) === typeOf(eager) ? input.dataSync() : undefined;
  let [size, change, worst] = [0, 0, 0];
  for (const [i, y] of expected.entries()) {
    const x = got[i]!;
    if (Number.isFinite(y)) {
      size = Math.max(size, Math.abs(y));
      change = Math.max(change, Math.abs(y - (before?.[i] ?? 0)));
    }
    if (Object.is(x, y) || x === y) continue;
    const apart = Math.abs(x - y);
    if (Number.isNaN(apart)) return `got ${x} where eager execution gives ${y}`;
    worst = Math.max(worst, apart);
  }
  const tolerance = eager.dtype === 'float32' ? ABSOLUTE + RELATIVE * change + (before === undefined ? 0 : ROUNDING * size) : 0;
  return worst > tolerance ? `differs by ${worst.toPrecision(3)}, tolerance ${tolerance.toPrecision(3)}` : undefined;
}
