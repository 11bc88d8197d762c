import { AssembledFunction, f32x4, i32, type Local, type Value } from './assembler.js';

/** Walks over arrays of the same count of float32, four at a time; the last ones up to a multiple of four are left out. */
function forEachFour(f: AssembledFunction, arrays: readonly Value[], count: Value, visit: (...at: Local[]) => void): void {
  const at = arrays.map((array) => f.local('i32', array));
  const end = f.local('i32', i32.add(at[0]!, i32.shiftLeft(i32.and(count, i32.constant(-4)), i32.constant(2))));
  f.while(i32.less(at[0]!, end), () => {
    visit(...at);
    for (const address of at) f.advance(address, 16);
  });
}

/** dx[i] = dy[i] where y[i] > 0, else 0, for i below count - count % 4. Parameters: dy, y, count, dx. */
export function reluGradient(): AssembledFunction {
  const f = new AssembledFunction(4);
  const [dy, y, count, dx] = f.parameters;
  forEachFour(f, [dy!, y!, dx!], count!, (atDy, atY, atDx) => {
    f.store(atDx!, f32x4.and(f32x4.load(atDy!), f32x4.greater(f32x4.load(atY!), f32x4.zero)));
  });
  return f;
}

/** Copies rows of `size` bytes between arrays whose rows lie some step apart. Parameters: from, its step, to, its step, size, rows. */
export function copyRows(): AssembledFunction {
  const f = new AssembledFunction(6);
  const [from, fromStep, to, toStep, size, rows] = f.parameters as [Local, Local, Local, Local, Local, Local];
  const row = f.local('i32', i32.constant(0));
  f.while(i32.less(row, rows), () => {
    f.copy(to, from, size);
    f.advance(from, fromStep);
    f.advance(to, toStep);
    f.advance(row, 1);
  });
  return f;
}

const OPERATIONS = {
  Add: f32x4.add,
  Sub: f32x4.sub,
  Multiply: f32x4.mul,
  RealDiv: f32x4.div,
  Maximum: f32x4.max,
  Minimum: f32x4.min,
};
export type Operation = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

/**
 * out[r, i] = x[r, i] (op) small[i] over rows of n numbers, or small[i] (op) x[r, i] when flipped; with `single` small is one number.
 * n must be a multiple of four. Parameters: x, small, rows, n, out.
 */
export function broadcast(op: Operation, flipped: boolean, single: boolean): AssembledFunction {
  const f = new AssembledFunction(5);
  const [x, small, rows, n, out] = f.parameters as [Local, Local, Local, Local, Local];
  const size = f.local('i32', i32.shiftLeft(n, i32.constant(2)));
  const end = f.local('i32', i32.add(x, i32.mul(size, rows)));
  const value = f.local('v128');
  if (single) f.set(value, f32x4.loadSplat(small));
  const [at, rowEnd] = [f.local('i32'), f.local('i32')];
  f.while(i32.less(x, end), () => {
    f.set(at, small);
    f.set(rowEnd, i32.add(x, size));
    f.while(i32.less(x, rowEnd), () => {
      const [large, other] = [f32x4.load(x), single ? value : f32x4.load(at)];
      f.store(out, flipped ? OPERATIONS[op](other, large) : OPERATIONS[op](large, other));
      for (const address of [x, at, out]) f.advance(address, 16);
    });
  });
  return f;
}
