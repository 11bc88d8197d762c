// Power spectra of real frames, and their logarithms.
import { transform } from './fourier';

const DOUBLE: usize = 8;

/** Frames of n samples of a signal, `hop` samples apart, times the window: [count, n] at `out`. n is even. */
export function windowed(signal: usize, hop: i32, window: usize, n: i32, count: i32, out: usize): void {
  const frame = <usize>n * DOUBLE;
  for (let t = 0; t < count; t++) {
    const from = signal + <usize>(t * hop) * DOUBLE;
    for (let i: usize = 0; i < frame; i += 16, out += 16) {
      v128.store(out, f64x2.mul(v128.load(from + i), v128.load(window + i)));
    }
  }
}

/**
 * |X|^2 of real frames of n samples, [count, n] at `frames`, for k = 0 .. n / 2, to `out` [n / 2 + 1, count]. Two frames are one complex
 * signal z: with w = conj Z[n - k], 4 |X|^2 = |Z[k] + w|^2 and 4 |Y|^2 = |Z[k] - w|^2.
 *
 * @param silence n zeros, the other part of an odd last frame.
 */
export function power(plan: usize, frames: usize, count: i32, silence: usize, out: usize): void {
  const n = load<i32>(plan);
  const frame = <usize>n * DOUBLE;
  const row = <usize>count * DOUBLE;
  const quarter = f64x2.splat(0.25);
  for (let t = 0; t < count; t += 2) {
    const paired = t + 1 < count;
    const x = frames + <usize>t * frame;
    const re = transform(plan, x, paired ? x + frame : silence);
    const im = re + <usize>(n + 2) * DOUBLE;
    let to = out + <usize>t * DOUBLE;
    for (let k = 0; k <= n / 2; k++, to += row) {
      const a = <usize>k * DOUBLE;
      const b = <usize>(k == 0 ? 0 : n - k) * DOUBLE;
      const z = v128.load64_lane(im + a, v128.load64_zero(re + a), 1);
      const w = v128.load64_lane(im + b, v128.load64_zero(re + b), 1);
      const plus = f64x2.add(z, w);
      const minus = f64x2.sub(z, w);
      // Lanes: (zr + wr)^2 + (zi - wi)^2, (zi + wi)^2 + (zr - wr)^2.
      const p = f64x2.mul(f64x2.add(f64x2.mul(plus, plus), swapped(f64x2.mul(minus, minus))), quarter);
      if (paired) v128.store(to, p);
      else v128.store64_lane(to, p, 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function swapped(x: v128): v128 {
  return v128.shuffle<f64>(x, x, 1, 0);
}

/**
 * ln(sqrt(p) + floor) of `count` doubles that are not negative, as floats. The double is right to 2e-11: x = 2^e m with m in [1 / sqrt 2, sqrt 2),
 * ln m = 2 artanh s = 2 (s + s^3 / 3 + ... + s^11 / 11), s = (m - 1) / (m + 1).
 */
export function logMagnitude(from: usize, count: i32, floor: f64, to: usize): void {
  const smallest = f64x2.splat(floor);
  for (let i = 0; i < count; i += 2) {
    // The last one may be alone; its neighbour is read and thrown away.
    const x = f64x2.add(f64x2.sqrt(v128.load(from + (<usize>i << 3))), smallest);
    const y = f32x4.demote_f64x2_zero(logarithm(x));
    if (i + 1 < count) v128.store64_lane(to + (<usize>i << 2), y, 0);
    else v128.store32_lane(to + (<usize>i << 2), y, 0);
  }
}

/** ln x of normal numbers x > 0. */
// @ts-ignore: decorator
@inline
function logarithm(x: v128): v128 {
  // Subtracting the bits of 1 / sqrt 2 leaves the exponent in the upper bits, with m in [1 / sqrt 2, sqrt 2).
  const shift = i64x2.splat(0x3fe6a09e667f3bcd);
  const above = i64x2.sub(x, shift);
  const exponents = i64x2.shr_s(above, 52);
  const m = i64x2.sub(x, i64x2.shl(exponents, 52));
  const e = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 0, 2, 0, 2));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const q = f64x2.mul(s, s);
  let sum = f64x2.splat(1.0 / 11);
  sum = f64x2.add(f64x2.mul(sum, q), f64x2.splat(1.0 / 9));
  sum = f64x2.add(f64x2.mul(sum, q), f64x2.splat(1.0 / 7));
  sum = f64x2.add(f64x2.mul(sum, q), f64x2.splat(1.0 / 5));
  sum = f64x2.add(f64x2.mul(sum, q), f64x2.splat(1.0 / 3));
  sum = f64x2.add(f64x2.mul(sum, q), one);
  const ln2 = f64x2.splat(0.6931471805599453);
  return f64x2.add(f64x2.mul(e, ln2), f64x2.mul(f64x2.mul(s, sum), f64x2.splat(2)));
}

/**
 * Puts a spectrum of n numbers, times real gains, into one of m: y[q] = g[|q|] x[q] for |q| < count, q counted from the end where it is
 * negative; what meets is added.
 */
export function filter(xr: usize, xi: usize, n: i32, gains: usize, count: i32, yr: usize, yi: usize, m: i32): void {
  memory.fill(yr, 0, <usize>m * DOUBLE);
  memory.fill(yi, 0, <usize>m * DOUBLE);
  const first = load<f64>(gains);
  store<f64>(yr, load<f64>(xr) * first);
  store<f64>(yi, load<f64>(xi) * first);
  let q = 1;
  for (; q + 1 < count; q += 2) {
    const gain = v128.load(gains + <usize>q * DOUBLE);
    const back = swapped(gain);
    add(yr + <usize>q * DOUBLE, xr + <usize>q * DOUBLE, gain);
    add(yi + <usize>q * DOUBLE, xi + <usize>q * DOUBLE, gain);
    add(yr + <usize>(m - q - 1) * DOUBLE, xr + <usize>(n - q - 1) * DOUBLE, back);
    add(yi + <usize>(m - q - 1) * DOUBLE, xi + <usize>(n - q - 1) * DOUBLE, back);
  }
  if (q < count) {
    const gain = load<f64>(gains + <usize>q * DOUBLE);
    addOne(yr + <usize>q * DOUBLE, xr + <usize>q * DOUBLE, gain);
    addOne(yi + <usize>q * DOUBLE, xi + <usize>q * DOUBLE, gain);
    addOne(yr + <usize>(m - q) * DOUBLE, xr + <usize>(n - q) * DOUBLE, gain);
    addOne(yi + <usize>(m - q) * DOUBLE, xi + <usize>(n - q) * DOUBLE, gain);
  }
}

// @ts-ignore: decorator
@inline
function add(y: usize, x: usize, gain: v128): void {
  v128.store(y, f64x2.add(v128.load(y), f64x2.mul(v128.load(x), gain)));
}

// @ts-ignore: decorator
@inline
function addOne(y: usize, x: usize, gain: f64): void {
  store<f64>(y, load<f64>(y) + load<f64>(x) * gain);
}
