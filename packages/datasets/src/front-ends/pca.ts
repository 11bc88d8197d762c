import { EquimodalError, RandomStream } from '@equimodal/core';

/** Leading principal components. `components` is row-major [count, columns], orthonormal, largest variance first. */
export interface PrincipalComponents {
  readonly mean: Float64Array;
  readonly components: Float64Array;
  /** Variance along each component, [count]. */
  readonly variances: Float64Array;
  /** Sum of the variances of all columns. */
  readonly totalVariance: number;
}

/** Extra directions that make the subspace iteration converge faster. */
const OVERSAMPLING = 8;

/**
 * The `count` leading principal components of data [rows, columns]: covariance, then subspace iteration with
 * Rayleigh-Ritz (Jacobi) on the small matrix. The same data give the same components; each component's
 * largest entry is positive. Constant columns cost nothing; one beyond the rank of the data has no variance.
 *
 * @throws EQM_CONFIG_INVALID when count is not between 1 and the number of columns.
 */
export function principalComponents(data: Float32Array | Float64Array | Uint8Array, columns: number, count: number): PrincipalComponents {
  if (!Number.isInteger(count) || count < 1 || count > columns) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `${count} components of ${columns} columns cannot be kept`);
  }
  const { mean, covariance } = moments(data, columns);
  const live = Int32Array.from({ length: columns }, (_, i) => i).filter((i) => covariance[i * columns + i]! > 0);
  const n = Math.max(live.length, 1);
  const reduced = new Float64Array(n * n);
  let totalVariance = 0;
  live.forEach((i, a) => {
    live.forEach((j, b) => (reduced[a * n + b] = covariance[i * columns + j]!));
    totalVariance += covariance[i * columns + i]!;
  });
  const size = Math.min(n, count + OVERSAMPLING);
  const { vectors, values } = leadingEigenpairs(reduced, n, size, totalVariance);
  const components = new Float64Array(count * columns);
  const variances = new Float64Array(count);
  for (let k = 0; k < Math.min(count, size); k++) {
    variances[k] = values[k]!;
    live.forEach((i, a) => (components[k * columns + i] = vectors[k * n + a]!));
  }
  return { mean, components, variances, totalVariance };
}

/** mean + V^T V (x - mean) of one row, into `out`. */
export function reconstruct({ mean, components, variances }: PrincipalComponents, row: ArrayLike<number>, out: Float32Array): void {
  const columns = mean.length;
  for (let i = 0; i < columns; i++) out[i] = mean[i]!;
  for (let k = 0; k < variances.length; k++) {
    const base = k * columns;
    let score = 0;
    for (let i = 0; i < columns; i++) score += components[base + i]! * (row[i]! - mean[i]!);
    for (let i = 0; i < columns; i++) out[i]! += score * components[base + i]!;
  }
}

/** Mean and covariance. Zeros are skipped, which is what makes sparse images cheap. */
function moments(data: Float32Array | Float64Array | Uint8Array, columns: number): { mean: Float64Array; covariance: Float64Array } {
  const rows = Math.floor(data.length / columns);
  if (rows === 0) throw new EquimodalError('EQM_DATA_MALFORMED', 'there are no rows to take principal components of');
  const mean = new Float64Array(columns);
  const covariance = new Float64Array(columns * columns);
  const places = new Int32Array(columns);
  const values = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    let used = 0;
    for (let i = 0; i < columns; i++) {
      const value = data[row * columns + i]!;
      if (value === 0) continue;
      places[used] = i;
      values[used++] = value;
      mean[i]! += value;
    }
    for (let a = 0; a < used; a++) {
      const base = places[a]! * columns;
      const value = values[a]!;
      for (let b = a; b < used; b++) covariance[base + places[b]!]! += value * values[b]!;
    }
  }
  for (let i = 0; i < columns; i++) mean[i]! /= rows;
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) {
      const value = covariance[i * columns + j]! / rows - mean[i]! * mean[j]!;
      covariance[i * columns + j] = value;
      covariance[j * columns + i] = value;
    }
  }
  return { mean, covariance };
}

/** Subspace iteration on a symmetric matrix [n, n]: the `size` largest eigenpairs, vectors as rows. */
function leadingEigenpairs(matrix: Float64Array, n: number, size: number, scale: number): { vectors: Float64Array; values: Float64Array } {
  const random = new RandomStream(0, '/principal-components');
  let vectors = Float64Array.from({ length: size * n }, () => random.normal());
  let values = new Float64Array(size);
  orthonormalize(vectors, n);
  for (let iteration = 0; iteration < 300; iteration++) {
    const image = multiply(matrix, vectors, n);
    const small = new Float64Array(size * size);
    for (let a = 0; a < size; a++) {
      for (let b = a; b < size; b++) {
        const value = dot(vectors, a * n, image, b * n, n);
        small[a * size + b] = value;
        small[b * size + a] = value;
      }
    }
    const ritz = jacobi(small, size);
    vectors = combine(ritz.vectors, image, size, n);
    orthonormalize(vectors, n);
    const change = ritz.values.reduce(
      (most, value, i) => (i < size - OVERSAMPLING || size === n ? Math.max(most, Math.abs(value - values[i]!)) : most),
      0,
    );
    values = ritz.values;
    if (iteration > 2 && change <= 1e-13 * scale) break;
  }
  for (let k = 0; k < size; k++) orient(vectors.subarray(k * n, (k + 1) * n));
  return { vectors, values };
}

/** Eigenpairs of a small symmetric matrix by cyclic Jacobi rotations, largest first; vectors as rows. */
export function jacobi(symmetric: Float64Array, n: number): { values: Float64Array<ArrayBuffer>; vectors: Float64Array<ArrayBuffer> } {
  const a = symmetric.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const norm = Math.sqrt(dot(a, 0, a, 0, n * n)) || 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!;
        off = Math.max(off, Math.abs(apq));
        if (Math.abs(apq) <= 1e-16 * norm) continue;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, c, t * c);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, c, t * c);
        for (let k = 0; k < n; k++) rotate(v, p * n + k, q * n + k, c, t * c);
      }
    }
    if (off <= 1e-15 * norm) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => vectors.set(v.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

function rotate(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = m[i]!;
  const y = m[j]!;
  m[i] = c * x - s * y;
  m[j] = s * x + c * y;
}

/** Modified Gram-Schmidt on the rows, twice; a row that vanishes is left as zeros. */
function orthonormalize(rows: Float64Array, n: number): void {
  const count = rows.length / n;
  for (let k = 0; k < count; k++) {
    const first = Math.sqrt(dot(rows, k * n, rows, k * n, n));
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        const overlap = dot(rows, k * n, rows, j * n, n);
        for (let i = 0; i < n; i++) rows[k * n + i]! -= overlap * rows[j * n + i]!;
      }
    }
    const length = Math.sqrt(dot(rows, k * n, rows, k * n, n));
    const factor = length > 1e-12 * first ? 1 / length : 0;
    for (let i = 0; i < n; i++) rows[k * n + i]! *= factor;
  }
}

/** Rows times a symmetric matrix. */
function multiply(matrix: Float64Array, rows: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(rows.length);
  for (let k = 0; k < rows.length / n; k++) {
    for (let i = 0; i < n; i++) out[k * n + i] = dot(matrix, i * n, rows, k * n, n);
  }
  return out;
}

/** Linear combinations of rows: out[a] = sum_b weights[a, b] rows[b]. */
function combine(weights: Float64Array, rows: Float64Array, count: number, n: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(count * n);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const weight = weights[a * count + b]!;
      for (let i = 0; i < n; i++) out[a * n + i]! += weight * rows[b * n + i]!;
    }
  }
  return out;
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}

function orient(vector: Float64Array): void {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest < 0) for (let i = 0; i < vector.length; i++) vector[i]! *= -1;
}
