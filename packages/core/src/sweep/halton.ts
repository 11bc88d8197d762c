import type { RandomStream } from '../random/random.js';

/** The first n primes. */
export function primes(n: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < n; candidate++) if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}

/** Digits beyond these change a double no more. */
const PRECISION = 2 ** -53;

/**
 * A coordinate of the Halton sequence: the digits of the index in a prime base, mirrored behind the point.
 *
 * With a stream, the digits of every place are permuted at random, the same way for all indices (and zeros are as good as any digit,
 * so there are infinitely many places). Without, coordinates of large bases lie on lines as long as there are few points.
 *
 * Sources: Halton, "On the efficiency of certain quasi-random sequences of points", Numerische Mathematik 2 (1960), section 3;
 * Owen, "A randomized Halton algorithm in R" (2017), section 4.
 *
 * @param index from 0.
 * @returns in [0, 1).
 */
export function halton(index: number, base: number, random?: RandomStream): number {
  let [value, scale, rest] = [0, 1 / base, index];
  for (let place = 0; scale > PRECISION && (random !== undefined || rest > 0); place++) {
    const digit = rest % base;
    value += (random === undefined ? digit : random.at(place).permutation(base)[digit]!) * scale;
    rest = Math.floor(rest / base);
    scale /= base;
  }
  return Math.min(value, 1 - PRECISION);
}
