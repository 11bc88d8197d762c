import { EquimodalError } from '@equimodal/core';
import { doublesAt, integersAt, keep, kernels, type Address } from '../../kernels/kernels.js';

/** Real and imaginary parts, of the same length. */
export interface Complexes {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Large ones first, since the first passes have the shortest runs. */
const RADICES = [4, 2, 7, 5, 3] as const;

const DOUBLE = 8;
const WORD = 4;

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
 * There is one of a length in each thread, and its buffers are everybody's: fill, transform and read without waiting between.
 */
export class Fourier {
  /** For kernels: see `transform` of assembly/fourier.ts. */
  readonly plan: Address;
  /** Where the parts of the input are. */
  readonly re: Address;
  readonly im: Address;

  static readonly #known = new Map<number, Fourier>();

  private constructor(
    readonly length: number,
    radices: readonly number[],
  ) {
    // Results are stored two at a time, the imaginary parts `length + 2` numbers behind the real ones.
    const buffer = 2 * (length + 2) * DOUBLE;
    [this.re, this.im] = [keep(length * DOUBLE), keep(length * DOUBLE)];
    const [one, other] = [keep(buffer), keep(buffer)];
    const passes = passesOf(length, radices);
    this.plan = keep((4 + 4 * passes.length) * WORD);
    const words = passes.flatMap(({ radix, span, count }) => [radix, span, count, twiddles(radix, count)]);
    integersAt(this.plan, 4 + words.length).set([length, passes.length, one, other, ...words]);
  }

  /** @throws EQM_CONFIG_INVALID for a length that another prime divides. */
  static of(length: number): Fourier {
    const known = Fourier.#known.get(length);
    if (known !== undefined) return known;
    const radices = Number.isInteger(length) && length > 0 ? radicesOf(length) : undefined;
    if (radices === undefined)
      throw new EquimodalError(
        'EQM_CONFIG_INVALID',
        `a Fourier transform needs a length that is a product of 2, 3, 5 and 7, got ${length}`,
      );
    const made = new Fourier(length, radices);
    Fourier.#known.set(length, made);
    return made;
  }

  /** The numbers to transform, to be written. */
  get input(): Complexes {
    return { re: doublesAt(this.re, this.length), im: doublesAt(this.im, this.length) };
  }

  /** The transform of the input, which stays as it is; valid until the next one. */
  forward(): Complexes {
    return this.#transform(this.re, this.im);
  }

  /** n times the inverse transform of the input: sum_k X[k] e^(2 pi j i k / n). */
  inverse(): Complexes {
    // Exchanging the two parts conjugates, up to a factor that a second exchange takes away.
    const { re, im } = this.#transform(this.im, this.re);
    return { re: im, im: re };
  }

  /** As `forward`, for kernels: where the result is. */
  forwardAt(): { readonly re: Address; readonly im: Address } {
    return this.#transformAt(this.re, this.im);
  }

  #transform(re: Address, im: Address): Complexes {
    const out = this.#transformAt(re, im);
    return { re: doublesAt(out.re, this.length), im: doublesAt(out.im, this.length) };
  }

  #transformAt(re: Address, im: Address): { readonly re: Address; readonly im: Address } {
    // There is nothing to do for one number, and no pass to do it.
    if (this.length === 1) return { re, im };
    const out = kernels.transform(this.plan, re, im);
    return { re: out, im: out + (this.length + 2) * DOUBLE };
  }
}

/** One pass: `count` groups of `radix` numbers that lie `span` apart are combined. */
interface Pass {
  readonly radix: number;
  readonly span: number;
  readonly count: number;
}

function passesOf(length: number, radices: readonly number[]): Pass[] {
  let span = 1;
  return radices.map((radix) => {
    const pass = { radix, span, count: length / (span * radix) };
    span *= radix;
    return pass;
  });
}

/** e^(-2 pi j p k / (radix count)): planes [count] for k = 1 .. radix - 1, cosines, then sines. */
function twiddles(radix: number, count: number): Address {
  const plane = (radix - 1) * count;
  const at = keep(2 * plane * DOUBLE);
  const table = doublesAt(at, 2 * plane);
  for (let k = 1; k < radix; k++) {
    for (let p = 0; p < count; p++) {
      const angle = (-2 * Math.PI * ((p * k) % (radix * count))) / (radix * count);
      table[(k - 1) * count + p] = Math.cos(angle);
      table[plane + (k - 1) * count + p] = Math.sin(angle);
    }
  }
  return at;
}
