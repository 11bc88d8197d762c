import { AssembledFunction, f32x4, f64x2, i32, type Local } from './assembler.js';

/** For every four columns: `before`, then `visit` for `rows` rows of two tables that lie their own steps apart, then `after`. */
function forEachFourColumns(
  f: AssembledFunction,
  columns: Local,
  rows: Local,
  [a, aStep, b, bStep]: readonly [Local, Local, Local, Local],
  group: { before(column: Local): void; visit(a: Local, b: Local): void; after?(column: Local): void },
): void {
  const [column, row, atA, atB] = [f.local('i32', i32.constant(0)), f.local('i32'), f.local('i32'), f.local('i32')];
  f.while(i32.less(column, columns), () => {
    const offset = i32.shiftLeft(column, i32.constant(2));
    group.before(column);
    f.set(atA, i32.add(a, offset));
    f.set(atB, i32.add(b, offset));
    f.set(row, i32.constant(0));
    f.while(i32.less(row, rows), () => {
      group.visit(atA, atB);
      f.advance(atA, aStep);
      f.advance(atB, bStep);
      f.advance(row, 1);
    });
    group.after?.(column);
    f.advance(column, 4);
  });
}

/**
 * y[r, c] += x[r, c] factors[c]; rows of x and y lie a number of bytes apart, columns are a multiple of four.
 * Parameters: x, its step, factors, rows, columns, y, its step.
 */
export function multiplyAddRows(): AssembledFunction {
  const f = new AssembledFunction(7);
  const [x, xStep, factors, rows, columns, y, yStep] = f.parameters as [Local, Local, Local, Local, Local, Local, Local];
  const factor = f.local('v128');
  forEachFourColumns(f, columns, rows, [x, xStep, y, yStep], {
    before: (column) => f.set(factor, f32x4.load(i32.add(factors, i32.shiftLeft(column, i32.constant(2))))),
    visit: (atX, atY) => f.store(atY, f32x4.add(f32x4.load(atY), f32x4.mul(f32x4.load(atX), factor))),
  });
  return f;
}

/**
 * sums[c] += sum over rows of x[r, c] y[r, c]; sums are float64, rows of x and y lie a number of bytes apart, columns are a
 * multiple of four. Parameters: x, its step, y, its step, rows, columns, sums.
 */
export function rowDots(): AssembledFunction {
  const f = new AssembledFunction(7);
  const [x, xStep, y, yStep, rows, columns, sums] = f.parameters as [Local, Local, Local, Local, Local, Local, Local];
  const lanes = [f.local('v128'), f.local('v128')];
  const entry = (column: Local) => i32.add(sums, i32.shiftLeft(column, i32.constant(3)));
  forEachFourColumns(f, columns, rows, [x, xStep, y, yStep], {
    before: (column) => lanes.forEach((lane, i) => f.set(lane, f64x2.load(entry(column), 16 * i))),
    visit: (atX, atY) =>
      lanes.forEach((lane, i) => f.set(lane, f64x2.add(lane, f64x2.mul(f64x2.loadWidened(atX, 8 * i), f64x2.loadWidened(atY, 8 * i))))),
    after: (column) => lanes.forEach((lane, i) => f.store(entry(column), lane, 16 * i)),
  });
  return f;
}
