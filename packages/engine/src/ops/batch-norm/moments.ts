/**
 * Batch normalisation over rows of `channels` numbers, as loops in double precision.
 * x and y are [rows, channels] in row-major order; mean and variance are [channels].
 */
export function normalise(
  x: Float32Array,
  scale: Float32Array,
  offset: Float32Array,
  epsilon: number,
  y: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
): void {
  const channels = scale.length;
  const rows = x.length / channels;
  const sums = new Float64Array(channels);
  for (let at = 0; at < x.length;) for (let c = 0; c < channels; c++) sums[c]! += x[at++]!;
  const means = sums.map((sum) => sum / rows);
  const squares = new Float64Array(channels);
  for (let at = 0; at < x.length;) {
    for (let c = 0; c < channels; c++) {
      const centred = x[at++]! - means[c]!;
      squares[c]! += centred * centred;
    }
  }
  const factor = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    mean[c] = means[c]!;
    variance[c] = squares[c]! / rows;
    factor[c] = scale[c]! / Math.sqrt(squares[c]! / rows + epsilon);
    shift[c] = offset[c]! - means[c]! * factor[c]!;
  }
  for (let at = 0; at < x.length;) {
    for (let c = 0; c < channels; c++, at++) y[at] = x[at]! * factor[c]! + shift[c]!;
  }
}

/**
 * The gradient of {@link normalise}, with x^ = (x - mean) / sqrt(variance + epsilon):
 * d offset = sum dy; d scale = sum dy x^; dx = scale / sqrt(variance + epsilon) (dy - d offset / N - x^ d scale / N).
 */
export function normaliseGradient(
  dy: Float32Array,
  x: Float32Array,
  scale: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  epsilon: number,
  dx: Float32Array,
  dScale: Float32Array,
  dOffset: Float32Array,
): void {
  const channels = scale.length;
  const rows = x.length / channels;
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const offsets = new Float64Array(channels);
  const scales = new Float64Array(channels);
  for (let at = 0; at < x.length;) {
    for (let c = 0; c < channels; c++, at++) {
      offsets[c]! += dy[at]!;
      scales[c]! += dy[at]! * (x[at]! - mean[c]!);
    }
  }
  const slope = new Float64Array(channels);
  const curve = new Float64Array(channels);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    dOffset[c] = offsets[c]!;
    dScale[c] = scales[c]! * inverse[c]!;
    slope[c] = scale[c]! * inverse[c]!;
    curve[c] = (slope[c]! * inverse[c]! * inverse[c]! * scales[c]!) / rows;
    shift[c] = (slope[c]! * offsets[c]!) / rows;
  }
  for (let at = 0; at < x.length;) {
    for (let c = 0; c < channels; c++, at++) {
      dx[at] = slope[c]! * dy[at]! - shift[c]! - curve[c]! * (x[at]! - mean[c]!);
    }
  }
}
