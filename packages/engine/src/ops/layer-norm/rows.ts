/**
 * y = scale (x - mean) inverse + offset for each row of x [rows, size], as one loop with double precision sums;
 * y, mean and inverse = 1 / sqrt(variance + epsilon), both [rows], are written in place.
 */
export function normaliseRows(
  x: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  epsilon: number,
  y: Float32Array,
  mean: Float32Array,
  inverse: Float32Array,
): void {
  const size = scale.length;
  for (let row = 0, from = 0; row < mean.length; row++, from += size) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += x[from + i]!;
    const centre = sum / size;
    let squares = 0;
    for (let i = 0; i < size; i++) squares += (x[from + i]! - centre) ** 2;
    const factor = 1 / Math.sqrt(squares / size + epsilon);
    mean[row] = centre;
    inverse[row] = factor;
    for (let i = 0; i < size; i++) y[from + i] = (x[from + i]! - centre) * factor * scale[i]! + offset[i]!;
  }
}

/** dx = inverse (g - mean g - n mean(g n)) with g = dy scale and n = (x - mean) inverse; d scale = sum dy n, d offset = sum dy over rows. */
export function normaliseRowsGradient(
  dy: Float32Array,
  x: Float32Array,
  scale: Float32Array,
  mean: Float32Array,
  inverse: Float32Array,
  dx: Float32Array,
  dScale: Float32Array,
  dOffset: Float32Array,
): void {
  const size = scale.length;
  const [scales, offsets] = [new Float64Array(size), new Float64Array(size)];
  for (let row = 0, from = 0; row < mean.length; row++, from += size) {
    const [centre, factor] = [mean[row]!, inverse[row]!];
    let sum = 0;
    let along = 0;
    for (let i = 0; i < size; i++) {
      const upstream = dy[from + i]!;
      const normal = (x[from + i]! - centre) * factor;
      scales[i]! += upstream * normal;
      offsets[i]! += upstream;
      sum += upstream * scale[i]!;
      along += upstream * scale[i]! * normal;
    }
    for (let i = 0; i < size; i++) {
      const normal = (x[from + i]! - centre) * factor;
      dx[from + i] = factor * (dy[from + i]! * scale[i]! - sum / size - (normal * along) / size);
    }
  }
  dScale.set(scales);
  dOffset.set(offsets);
}
