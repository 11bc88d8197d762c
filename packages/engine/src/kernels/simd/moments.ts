import { AssembledFunction, f32x4, f64x2, i32, type Local, type Value } from './assembler.js';

/**
 * Walks over the columns of float32 [rows, columns] tables of one shape, `width` columns at once: `before` each group, `visit` for each
 * of its rows with the row's address in every table, `after` it. The number of columns must be a multiple of 4.
 */
function forEachGroup(
  f: AssembledFunction,
  tables: readonly Value[],
  rows: Value,
  columns: Value,
  group: { before(column: Local): void; visit(...at: Local[]): void; after?(column: Local): void },
): void {
  const column = f.local('i32', i32.constant(0));
  const stride = f.local('i32', i32.shiftLeft(columns, i32.constant(2)));
  const size = f.local('i32', i32.mul(stride, rows));
  const at = tables.map(() => f.local('i32'));
  const end = f.local('i32');
  f.while(i32.less(column, columns), () => {
    group.before(column);
    tables.forEach((table, i) => f.set(at[i]!, i32.add(table, i32.shiftLeft(column, i32.constant(2)))));
    f.set(end, i32.add(at[0]!, size));
    f.while(i32.less(at[0]!, end), () => {
      group.visit(...at);
      for (const address of at) f.advance(address, stride);
    });
    group.after?.(column);
    f.advance(column, 4);
  });
}

/** Address of the column's entry in an array of float32 or float64. */
const entry = (array: Value, column: Value, log2Size: number): Value => i32.add(array, i32.shiftLeft(column, i32.constant(log2Size)));

/** Locals for the four columns' entries of an array of float64, with their load and store. */
function quad(f: AssembledFunction, array: Value) {
  const lanes = [f.local('v128'), f.local('v128')] as const;
  return {
    lanes,
    load: (column: Local): void => lanes.forEach((lane, i) => f.set(lane, f64x2.load(entry(array, column, 3), 16 * i))),
    store: (column: Local): void => lanes.forEach((lane, i) => f.store(entry(array, column, 3), lane, 16 * i)),
  };
}

/** sums[c] += sum over rows of x[r, c]; sums are float64. Parameters: x, rows, columns, sums. */
export function columnSums(): AssembledFunction {
  const f = new AssembledFunction(4);
  const [x, rows, columns, sums] = f.parameters;
  const sum = quad(f, sums!);
  forEachGroup(f, [x!], rows!, columns!, {
    before: (column) => sum.load(column),
    visit: (at) => sum.lanes.forEach((lane, i) => f.set(lane, f64x2.add(lane, f64x2.loadWidened(at!, 8 * i)))),
    after: (column) => sum.store(column),
  });
  return f;
}

/** sums[c] += sum over rows of (x[r, c] - means[c])^2; means and sums are float64. Parameters: x, rows, columns, means, sums. */
export function columnSquares(): AssembledFunction {
  const f = new AssembledFunction(5);
  const [x, rows, columns, means, sums] = f.parameters;
  const [mean, sum] = [quad(f, means!), quad(f, sums!)];
  const centred = f.local('v128');
  forEachGroup(f, [x!], rows!, columns!, {
    before(column) {
      mean.load(column);
      sum.load(column);
    },
    visit(at) {
      sum.lanes.forEach((lane, i) => {
        f.set(centred, f64x2.sub(f64x2.loadWidened(at!, 8 * i), mean.lanes[i]!));
        f.set(lane, f64x2.add(lane, f64x2.mul(centred, centred)));
      });
    },
    after: (column) => sum.store(column),
  });
  return f;
}

/**
 * sums[c] += sum of dy[r, c], products[c] += sum of dy[r, c] (x[r, c] - means[c]); the last three are float64.
 * Parameters: dy, x, rows, columns, means, sums, products.
 */
export function columnProducts(): AssembledFunction {
  const f = new AssembledFunction(7);
  const [dy, x, rows, columns, means, sums, products] = f.parameters;
  const [mean, sum, product] = [quad(f, means!), quad(f, sums!), quad(f, products!)];
  const upstream = f.local('v128');
  forEachGroup(f, [dy!, x!], rows!, columns!, {
    before: (column) => [mean, sum, product].forEach((part) => part.load(column)),
    visit(atDy, atX) {
      sum.lanes.forEach((lane, i) => {
        const to = product.lanes[i]!;
        f.set(upstream, f64x2.loadWidened(atDy!, 8 * i));
        f.set(lane, f64x2.add(lane, upstream));
        f.set(to, f64x2.add(to, f64x2.mul(upstream, f64x2.sub(f64x2.loadWidened(atX!, 8 * i), mean.lanes[i]!))));
      });
    },
    after: (column) => [sum, product].forEach((part) => part.store(column)),
  });
  return f;
}

/** Locals for the four columns' entries of several arrays of float32. */
function constants(f: AssembledFunction, arrays: readonly Value[]) {
  const lanes = arrays.map(() => f.local('v128'));
  return { lanes, load: (column: Local): void => arrays.forEach((array, i) => f.set(lanes[i]!, f32x4.load(entry(array, column, 2)))) };
}

/** y[r, c] = (x[r, c] - mean[c]) factor[c] + offset[c]. Parameters: x, rows, columns, mean, factor, offset, y. */
export function normaliseColumns(): AssembledFunction {
  const f = new AssembledFunction(7);
  const [x, rows, columns, mean, factor, offset, y] = f.parameters;
  const { lanes, load } = constants(f, [mean!, factor!, offset!]);
  forEachGroup(f, [x!, y!], rows!, columns!, {
    before: load,
    visit(atX, atY) {
      f.store(atY!, f32x4.add(f32x4.mul(f32x4.sub(f32x4.load(atX!), lanes[0]!), lanes[1]!), lanes[2]!));
    },
  });
  return f;
}

/**
 * dx[r, c] = (dy[r, c] - shift[c] - (x[r, c] - mean[c]) curve[c]) slope[c].
 * Parameters: dy, x, rows, columns, mean, curve, shift, slope, dx.
 */
export function normaliseColumnsGradient(): AssembledFunction {
  const f = new AssembledFunction(9);
  const [dy, x, rows, columns, mean, curve, shift, slope, dx] = f.parameters;
  const { lanes, load } = constants(f, [mean!, curve!, shift!, slope!]);
  forEachGroup(f, [dy!, x!, dx!], rows!, columns!, {
    before: load,
    visit(atDy, atX, atDx) {
      const bend = f32x4.mul(f32x4.sub(f32x4.load(atX!), lanes[0]!), lanes[1]!);
      f.store(atDx!, f32x4.mul(f32x4.sub(f32x4.sub(f32x4.load(atDy!), lanes[2]!), bend), lanes[3]!));
    },
  });
  return f;
}
