/** The passes of a Fourier transform: sums of as many numbers as the radix, written out, since their loops would take most of the time. */

/** Real and imaginary parts, of the same length. */
export interface Complexes {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** One pass: `count` groups of `radix` numbers that lie `span` apart are combined. */
export interface Pass {
  readonly radix: number;
  readonly span: number;
  readonly count: number;
  /** e^(-2 pi j p k / (radix count)) for p < count and k = 1 .. radix - 1: [count, radix - 1]. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** One pass, by the butterfly of its radix. */
export function apply(pass: Pass, from: Complexes, to: Complexes): void {
  switch (pass.radix) {
    case 2:
      return two(pass, from, to);
    case 4:
      return four(pass, from, to);
    case 3:
      return three(pass, from, to);
    case 5:
      return five(pass, from, to);
    default:
      return seven(pass, from, to);
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

// Odd radices: terms i and r - i share their cosine, and their sine up to its sign.
const [C31] = [Math.cos((2 * Math.PI) / 3)];
const [S31] = [Math.sin((2 * Math.PI) / 3)];
const [C51, C52] = [Math.cos((2 * Math.PI) / 5), Math.cos((4 * Math.PI) / 5)];
const [S51, S52] = [Math.sin((2 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)];
const [C71, C72, C73] = [Math.cos((2 * Math.PI) / 7), Math.cos((4 * Math.PI) / 7), Math.cos((6 * Math.PI) / 7)];
const [S71, S72, S73] = [Math.sin((2 * Math.PI) / 7), Math.sin((4 * Math.PI) / 7), Math.sin((6 * Math.PI) / 7)];

/** Stores a number times e^(j angle), whose parts are c and s. */
function turned(yr: Float64Array, yi: Float64Array, at: number, re: number, im: number, c: number, s: number): void {
  yr[at] = re * c - im * s;
  yi[at] = re * s + im * c;
}

function three({ span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  for (let p = 0; p < count; p++) {
    const w = 2 * p;
    const end = (p + 1) * span;
    for (let a = p * span, out = 3 * p * span; a < end; a++, out++) {
      const [l1, h1] = [a + step, a + 2 * step];
      const plusRe1 = xr[l1]! + xr[h1]!;
      const minusRe1 = xr[l1]! - xr[h1]!;
      const plusIm1 = xi[l1]! + xi[h1]!;
      const minusIm1 = xi[l1]! - xi[h1]!;
      yr[out] = xr[a]! + plusRe1;
      yi[out] = xi[a]! + plusIm1;
      const evenRe1 = xr[a]! + C31 * plusRe1;
      const evenIm1 = xi[a]! + C31 * plusIm1;
      const oddRe1 = S31 * minusIm1;
      const oddIm1 = S31 * minusRe1;
      turned(yr, yi, out + span, evenRe1 + oddRe1, evenIm1 - oddIm1, cos[w + 0]!, sin[w + 0]!);
      turned(yr, yi, out + 2 * span, evenRe1 - oddRe1, evenIm1 + oddIm1, cos[w + 1]!, sin[w + 1]!);
    }
  }
}

function five({ span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  for (let p = 0; p < count; p++) {
    const w = 4 * p;
    const end = (p + 1) * span;
    for (let a = p * span, out = 5 * p * span; a < end; a++, out++) {
      const [l1, h1] = [a + step, a + 4 * step];
      const plusRe1 = xr[l1]! + xr[h1]!;
      const minusRe1 = xr[l1]! - xr[h1]!;
      const plusIm1 = xi[l1]! + xi[h1]!;
      const minusIm1 = xi[l1]! - xi[h1]!;
      const [l2, h2] = [a + 2 * step, a + 3 * step];
      const plusRe2 = xr[l2]! + xr[h2]!;
      const minusRe2 = xr[l2]! - xr[h2]!;
      const plusIm2 = xi[l2]! + xi[h2]!;
      const minusIm2 = xi[l2]! - xi[h2]!;
      yr[out] = xr[a]! + plusRe1 + plusRe2;
      yi[out] = xi[a]! + plusIm1 + plusIm2;
      const evenRe1 = xr[a]! + C51 * plusRe1 + C52 * plusRe2;
      const evenIm1 = xi[a]! + C51 * plusIm1 + C52 * plusIm2;
      const oddRe1 = S51 * minusIm1 + S52 * minusIm2;
      const oddIm1 = S51 * minusRe1 + S52 * minusRe2;
      turned(yr, yi, out + span, evenRe1 + oddRe1, evenIm1 - oddIm1, cos[w + 0]!, sin[w + 0]!);
      turned(yr, yi, out + 4 * span, evenRe1 - oddRe1, evenIm1 + oddIm1, cos[w + 3]!, sin[w + 3]!);
      const evenRe2 = xr[a]! + C52 * plusRe1 + C51 * plusRe2;
      const evenIm2 = xi[a]! + C52 * plusIm1 + C51 * plusIm2;
      const oddRe2 = S52 * minusIm1 - S51 * minusIm2;
      const oddIm2 = S52 * minusRe1 - S51 * minusRe2;
      turned(yr, yi, out + 2 * span, evenRe2 + oddRe2, evenIm2 - oddIm2, cos[w + 1]!, sin[w + 1]!);
      turned(yr, yi, out + 3 * span, evenRe2 - oddRe2, evenIm2 + oddIm2, cos[w + 2]!, sin[w + 2]!);
    }
  }
}

function seven({ span, count, cos, sin }: Pass, { re: xr, im: xi }: Complexes, { re: yr, im: yi }: Complexes): void {
  const step = count * span;
  for (let p = 0; p < count; p++) {
    const w = 6 * p;
    const end = (p + 1) * span;
    for (let a = p * span, out = 7 * p * span; a < end; a++, out++) {
      const [l1, h1] = [a + step, a + 6 * step];
      const plusRe1 = xr[l1]! + xr[h1]!;
      const minusRe1 = xr[l1]! - xr[h1]!;
      const plusIm1 = xi[l1]! + xi[h1]!;
      const minusIm1 = xi[l1]! - xi[h1]!;
      const [l2, h2] = [a + 2 * step, a + 5 * step];
      const plusRe2 = xr[l2]! + xr[h2]!;
      const minusRe2 = xr[l2]! - xr[h2]!;
      const plusIm2 = xi[l2]! + xi[h2]!;
      const minusIm2 = xi[l2]! - xi[h2]!;
      const [l3, h3] = [a + 3 * step, a + 4 * step];
      const plusRe3 = xr[l3]! + xr[h3]!;
      const minusRe3 = xr[l3]! - xr[h3]!;
      const plusIm3 = xi[l3]! + xi[h3]!;
      const minusIm3 = xi[l3]! - xi[h3]!;
      yr[out] = xr[a]! + plusRe1 + plusRe2 + plusRe3;
      yi[out] = xi[a]! + plusIm1 + plusIm2 + plusIm3;
      const evenRe1 = xr[a]! + C71 * plusRe1 + C72 * plusRe2 + C73 * plusRe3;
      const evenIm1 = xi[a]! + C71 * plusIm1 + C72 * plusIm2 + C73 * plusIm3;
      const oddRe1 = S71 * minusIm1 + S72 * minusIm2 + S73 * minusIm3;
      const oddIm1 = S71 * minusRe1 + S72 * minusRe2 + S73 * minusRe3;
      turned(yr, yi, out + span, evenRe1 + oddRe1, evenIm1 - oddIm1, cos[w + 0]!, sin[w + 0]!);
      turned(yr, yi, out + 6 * span, evenRe1 - oddRe1, evenIm1 + oddIm1, cos[w + 5]!, sin[w + 5]!);
      const evenRe2 = xr[a]! + C72 * plusRe1 + C73 * plusRe2 + C71 * plusRe3;
      const evenIm2 = xi[a]! + C72 * plusIm1 + C73 * plusIm2 + C71 * plusIm3;
      const oddRe2 = S72 * minusIm1 - S73 * minusIm2 - S71 * minusIm3;
      const oddIm2 = S72 * minusRe1 - S73 * minusRe2 - S71 * minusRe3;
      turned(yr, yi, out + 2 * span, evenRe2 + oddRe2, evenIm2 - oddIm2, cos[w + 1]!, sin[w + 1]!);
      turned(yr, yi, out + 5 * span, evenRe2 - oddRe2, evenIm2 + oddIm2, cos[w + 4]!, sin[w + 4]!);
      const evenRe3 = xr[a]! + C73 * plusRe1 + C71 * plusRe2 + C72 * plusRe3;
      const evenIm3 = xi[a]! + C73 * plusIm1 + C71 * plusIm2 + C72 * plusIm3;
      const oddRe3 = S73 * minusIm1 - S71 * minusIm2 + S72 * minusIm3;
      const oddIm3 = S73 * minusRe1 - S71 * minusRe2 + S72 * minusRe3;
      turned(yr, yi, out + 3 * span, evenRe3 + oddRe3, evenIm3 - oddIm3, cos[w + 2]!, sin[w + 2]!);
      turned(yr, yi, out + 4 * span, evenRe3 - oddRe3, evenIm3 + oddIm3, cos[w + 3]!, sin[w + 3]!);
    }
  }
}
