import { EquimodalError } from '@equimodal/core';

/** Real and imaginary parts, of the same length. */
export interface Complexes {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** One pass: `count` groups of `radix` numbers that lie `span` apart are combined. */
interface Pass {
  readonly radix: number;
  readonly span: number;
  readonly count: number;
  /** e^(-2 pi j p k / (radix count)) for p < count and k = 1 .. radix - 1: [count, radix - 1]. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const RADICES = [4, 2, 3, 5, 7] as const;

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

function apply(pass: Pass, from: Complexes, to: Complexes): void {
  switch (pass.radix) {
    case 2:
      return two(pass, from, to);
    case 4:
      return four(pass, from, to);
    default:
      return odd(pass, from, to);
  }
}

function two({ span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  for (let p = 0; p < count; p++) {
    const c = cos[p]!;
    const s = sin[p]!;
    const end = (p + 1) * span;
    for (let a = p * span, out = 2 * p * span; a < end; a++, out++) {
      const b = a + step;
      const dr = xr[a]! - xr[b]!;
      const di = xi[a]! - xi[b]!;
      yr[out] = xr[a]! + xr[b]!;
      yi[out] = xi[a]! + xi[b]!;
      yr[out + span] = dr * c - di * s;
      yi[out + span] = dr * s + di * c;
    }
  }
}

function four({ span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  for (let p = 0; p < count; p++) {
    const [c1, c2, c3] = [cos[3 * p]!, cos[3 * p + 1]!, cos[3 * p + 2]!];
    const [s1, s2, s3] = [sin[3 * p]!, sin[3 * p + 1]!, sin[3 * p + 2]!];
    const end = (p + 1) * span;
    for (let a = p * span, out = 4 * p * span; a < end; a++, out++) {
      const [b, c, d] = [a + step, a + 2 * step, a + 3 * step];
      const acr = xr[a]! + xr[c]!;
      const aci = xi[a]! + xi[c]!;
      const amr = xr[a]! - xr[c]!;
      const ami = xi[a]! - xi[c]!;
      const bdr = xr[b]! + xr[d]!;
      const bdi = xi[b]! + xi[d]!;
      const bmr = xr[b]! - xr[d]!;
      const bmi = xi[b]! - xi[d]!;
      yr[out] = acr + bdr;
      yi[out] = aci + bdi;
      const r1 = amr + bmi;
      const i1 = ami - bmr;
      const r2 = acr - bdr;
      const i2 = aci - bdi;
      const r3 = amr - bmi;
      const i3 = ami + bmr;
      yr[out + span] = r1 * c1 - i1 * s1;
      yi[out + span] = r1 * s1 + i1 * c1;
      yr[out + 2 * span] = r2 * c2 - i2 * s2;
      yi[out + 2 * span] = r2 * s2 + i2 * c2;
      yr[out + 3 * span] = r3 * c3 - i3 * s3;
      yi[out + 3 * span] = r3 * s3 + i3 * c3;
    }
  }
}

/** Room for the sums and differences of mirrored terms. */
const PLUS_RE = new Float64Array(4);
const PLUS_IM = new Float64Array(4);
const MINUS_RE = new Float64Array(4);
const MINUS_IM = new Float64Array(4);

/** cos and sin of 2 pi i / r for i < r. */
const ROOTS = new Map(
  [3, 5, 7].map((r) => {
    const angles = Array.from({ length: r }, (_, i) => (2 * Math.PI * i) / r);
    return [r, { cos: Float64Array.from(angles, Math.cos), sin: Float64Array.from(angles, Math.sin) }];
  }),
);

/** Radix 3, 5 or 7: terms i and r - i share their cosine, and their sine up to its sign. */
function odd({ radix, span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  const roots = ROOTS.get(radix)!;
  const half = (radix - 1) / 2;
  for (let p = 0; p < count; p++) {
    const turn = p * (radix - 1) - 1;
    const end = (p + 1) * span;
    for (let a = p * span, out = radix * p * span; a < end; a++, out++) {
      let sumRe = xr[a]!;
      let sumIm = xi[a]!;
      for (let i = 1; i <= half; i++) {
        const low = a + i * step;
        const high = a + (radix - i) * step;
        sumRe += PLUS_RE[i] = xr[low]! + xr[high]!;
        sumIm += PLUS_IM[i] = xi[low]! + xi[high]!;
        MINUS_RE[i] = xr[low]! - xr[high]!;
        MINUS_IM[i] = xi[low]! - xi[high]!;
      }
      yr[out] = sumRe;
      yi[out] = sumIm;
      for (let k = 1; k <= half; k++) {
        let evenRe = xr[a]!;
        let evenIm = xi[a]!;
        let oddRe = 0;
        let oddIm = 0;
        for (let i = 1, at = k; i <= half; i++, at += k) {
          if (at >= radix) at -= radix;
          const c = roots.cos[at]!;
          const s = roots.sin[at]!;
          evenRe += c * PLUS_RE[i]!;
          evenIm += c * PLUS_IM[i]!;
          oddRe += s * MINUS_IM[i]!;
          oddIm += s * MINUS_RE[i]!;
        }
        const low = out + k * span;
        const high = out + (radix - k) * span;
        const c = cos[turn + k]!;
        const s = sin[turn + k]!;
        const d = cos[turn + radix - k]!;
        const t = sin[turn + radix - k]!;
        yr[low] = (evenRe + oddRe) * c - (evenIm - oddIm) * s;
        yi[low] = (evenRe + oddRe) * s + (evenIm - oddIm) * c;
        yr[high] = (evenRe - oddRe) * d - (evenIm + oddIm) * t;
        yi[high] = (evenRe - oddRe) * t + (evenIm + oddIm) * d;
      }
    }
  }
}
