import { RandomStream } from '@equimodal/core';

/** Points in a plane, and how much of the spread they show. */
export interface Plane {
  /** x and y of each row. */
  readonly points: readonly (readonly [number, number])[];
  /** Share of the total variance along x and along y. */
  readonly explained: readonly [number, number];
}

/**
 * The first two principal components of rows, by power iteration on the matrix of their inner products (n x n, so wide features
 * cost little). Signs are fixed: the row farthest out along a component lies on its positive side.
 *
 * @param rows n rows of one length, any unit
 */
export function principalPlane(rows: readonly ArrayLike<number>[]): Plane {
  const n = rows.length;
  const width = rows[0]?.length ?? 0;
  const mean = Float64Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / n);
  const centred = rows.map((row) => Float64Array.from({ length: width }, (_, j) => row[j]! - mean[j]!));
  const gram = centred.map((a) => Float64Array.from(centred, (b) => dot(a, b)));
  const total = gram.reduce((sum, row, i) => sum + row[i]!, 0);
  const x = leading(gram, []);
  const y = leading(gram, [x]);
  const scaled = ({ vector, value }: Component): number[] => {
    const far = vector.reduce((best, entry) => (Math.abs(entry) > Math.abs(best) ? entry : best), 0);
    return Array.from(vector, (entry) => entry * Math.sqrt(Math.max(0, value)) * (far < 0 ? -1 : 1));
  };
  const [xs, ys] = [scaled(x), scaled(y)];
  const share = (value: number): number => (total > 0 ? Math.max(0, value) / total : 0);
  return { points: xs.map((value, i) => [value, ys[i]!]), explained: [share(x.value), share(y.value)] };
}

interface Component {
  readonly vector: Float64Array;
  readonly value: number;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The eigenvector of the largest eigenvalue that is orthogonal to those found. */
function leading(matrix: readonly Float64Array[], found: readonly Component[]): Component {
  const random = new RandomStream(1).at(found.length);
  let vector = Float64Array.from(matrix, () => random.normal());
  let value = 0;
  for (let i = 0; i < 500; i++) {
    const next = Float64Array.from(matrix, (row) => dot(row, vector));
    for (const { vector: other } of found) {
      const along = dot(next, other);
      next.forEach((entry, j) => (next[j] = entry - along * other[j]!));
    }
    const length = Math.sqrt(dot(next, next));
    if (!(length > 1e-12)) return { vector: new Float64Array(matrix.length), value: 0 };
    next.forEach((entry, j) => (next[j] = entry / length));
    const change = Math.abs(length - value);
    [vector, value] = [next, length];
    if (i > 20 && change <= 1e-10 * length) break;
  }
  return { vector, value };
}
