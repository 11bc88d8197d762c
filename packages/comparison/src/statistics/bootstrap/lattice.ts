/** In-place complex Fourier transform of a length that is a power of two; `inverse` is not scaled. */
export function fourier(real: Float64Array, imaginary: Float64Array, inverse: boolean): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const step = ((inverse ? 2 : -2) * Math.PI) / size;
    for (let k = 0; k < half; k++) {
      const [c, s] = [Math.cos(step * k), Math.sin(step * k)];
      for (let even = k; even < n; even += size) {
        const odd = even + half;
        const r = real[odd]! * c - imaginary[odd]! * s;
        const m = real[odd]! * s + imaginary[odd]! * c;
        real[odd] = real[even]! - r;
        imaginary[odd] = imaginary[even]! - m;
        real[even]! += r;
        imaginary[even]! += m;
      }
    }
  }
}

/** A distribution on whole numbers: `probability[i]` is that of `from + i`. */
export interface Lattice {
  readonly from: number;
  readonly probability: Float64Array;
}

/**
 * The distribution of the sum of `n` independent draws from whole numbers, `counts[i]` of which are `low + i`.
 *
 * It is the n-fold convolution, by a Fourier transform over a window around the mean that is at least 12 standard
 * deviations wide on each side; what lies outside (less than 1e-30) wraps around into it.
 */
export function sumOfDraws(counts: readonly number[], low: number, n: number): Lattice {
  const size = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, i) => sum + count * (low + i), 0) / size;
  const variance = counts.reduce((sum, count, i) => sum + count * (low + i - mean) ** 2, 0) / size;
  const whole = n * (counts.length - 1) + 1;
  const wanted = Math.min(whole, 24 * Math.sqrt(n * variance) + 32);
  let window = 2;
  while (window < wanted) window *= 2;
  const real = new Float64Array(window);
  const imaginary = new Float64Array(window);
  // One draw, counted from the mean's whole number so that phases stay small; then the n-th power of its transform.
  const base = Math.round(mean);
  counts.forEach((count, i) => {
    const at = (((low + i - base) % window) + window) % window;
    real[at]! += count / size;
  });
  fourier(real, imaginary, false);
  for (let k = 0; k < window; k++) {
    const length = Math.hypot(real[k]!, imaginary[k]!) ** n;
    const angle = n * Math.atan2(imaginary[k]!, real[k]!);
    real[k] = length * Math.cos(angle);
    imaginary[k] = length * Math.sin(angle);
  }
  fourier(real, imaginary, true);
  const center = Math.round(n * (mean - base));
  const from = Math.max(n * low - n * base, center - window / 2);
  const probability = Float64Array.from({ length: window }, (_, i) => {
    const at = (((from + i) % window) + window) % window;
    return Math.max(0, real[at]! / window);
  });
  return { from: from + n * base, probability };
}
