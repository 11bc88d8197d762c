import { EquimodalError } from '@equimodal/core';
import { apply, type Complexes, type Pass } from './butterflies.js';

export type { Complexes } from './butterflies.js';

/** Large ones first, since the first passes have the shortest runs. */
const RADICES = [4, 2, 7, 5, 3] as const;

/** The factors of n that have a butterfly, large ones of 2 first; undefined when another prime divides it. */
export function radicesOf(n: number): number[] | undefined {
  const found: number[] = [];
  for (const radix of RADICES) {
    for (; n % radix === 0; n /= radix) found.push(radix);
  }
  return n === 1 ? found : undefined;
}

/**
 * Discrete Fourier transform of complex numbers, X[k] = sum_i x[i] e^(-2 pi j i k / n), for lengths n = 2^a 3^b 5^c 7^d.
 * Stockham's self-sorting form: one pass a factor, results in order (Van Loan, Computational Frameworks for the FFT, 1.7).
 * One object serves one thread: the work space is its own.
 */
export class Fourier {
  readonly #passes: readonly Pass[];
  readonly #work: Complexes;

  /** @throws EQM_CONFIG_INVALID for a length that another prime divides. */
  constructor(readonly length: number) {
    const radices = Number.isInteger(length) && length > 0 ? radicesOf(length) : undefined;
    if (radices === undefined)
      throw new EquimodalError(
        'EQM_CONFIG_INVALID',
        `a Fourier transform needs a length that is a product of 2, 3, 5 and 7, got ${length}`,
      );
    let span = 1;
    this.#passes = radices.map((radix) => {
      const pass = passOf(radix, span, length / (span * radix));
      span *= radix;
      return pass;
    });
    this.#work = { re: new Float64Array(length), im: new Float64Array(length) };
  }

  /** Replaces the numbers by their transform. */
  forward({ re, im }: Complexes): void {
    let from: Complexes = { re, im };
    let to = this.#work;
    for (const pass of this.#passes) {
      apply(pass, from, to);
      [from, to] = [to, from];
    }
    if (from.re === re) return;
    re.set(from.re);
    im.set(from.im);
  }

  /** Replaces the numbers by n times their inverse transform: sum_k X[k] e^(2 pi j i k / n). */
  inverse({ re, im }: Complexes): void {
    // Exchanging the two parts conjugates, up to a factor that a second exchange takes away.
    this.forward({ re: im, im: re });
  }
}

function passOf(radix: number, span: number, count: number): Pass {
  const cos = new Float64Array(count * (radix - 1));
  const sin = new Float64Array(count * (radix - 1));
  for (let p = 0, at = 0; p < count; p++) {
    for (let k = 1; k < radix; k++, at++) {
      const angle = (-2 * Math.PI * ((p * k) % (radix * count))) / (radix * count);
      cos[at] = Math.cos(angle);
      sin[at] = Math.sin(angle);
    }
  }
  return { radix, span, count, cos, sin };
}
