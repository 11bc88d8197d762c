// Passes of a discrete Fourier transform in Stockham's self-sorting form. Real and imaginary parts lie apart, two doubles to a vector.
// A pass has a table of e^(-2 pi j p k / (radix count)): planes of `count` numbers for k = 1 .. radix - 1, cosines, then sines.
//
// Where a run has an odd length, its last number is done first, with a neighbour that is overwritten later: results of one place are
// stored in the order of their addresses, and a buffer has room for one number more.

/** Fields of a pass: 4 bytes each. */
const PASS_BYTES: usize = 16;

/** Where the passes begin in a plan: after the length, the number of passes, and the two buffers (re; im follows). */
const PASSES: usize = 16;

// @ts-ignore: decorator
@inline
const DOUBLE: usize = 8;

/**
 * Transforms the numbers at `re` and `im`, which stay as they are. A plan is, in words of 32 bits: length, number of passes, buffer,
 * other buffer, and for each pass radix, span, count, table.
 *
 * @returns where the real parts are; the imaginary ones follow `length + 2` doubles later.
 */
export function transform(plan: usize, re: usize, im: usize): usize {
  const apart = <usize>(load<i32>(plan) + 2) * DOUBLE;
  const passes = load<i32>(plan + 4);
  let to = <usize>load<u32>(plan + 8);
  let other = <usize>load<u32>(plan + 12);
  for (let i = 0; i < passes; i++) {
    const pass = plan + PASSES + <usize>i * PASS_BYTES;
    const radix = load<i32>(pass);
    const span = load<i32>(pass + 4);
    const count = load<i32>(pass + 8);
    const table = <usize>load<u32>(pass + 12);
    if (radix == 4) {
      if (span == 1 && count > 1) firstOfFour(count, table, re, im, to, to + apart);
      else four(span, count, table, re, im, to, to + apart);
    } else if (radix == 2) two(span, count, table, re, im, to, to + apart);
    else if (radix == 3) three(span, count, table, re, im, to, to + apart);
    else if (radix == 5) five(span, count, table, re, im, to, to + apart);
    else seven(span, count, table, re, im, to, to + apart);
    re = to;
    im = to + apart;
    to = other;
    other = re;
  }
  return re;
}

// @ts-ignore: decorator
@inline
function at(base: usize, offset: usize): v128 {
  return v128.load(base + offset);
}

/** One twiddle factor, twice. */
// @ts-ignore: decorator
@inline
function both(table: usize, count: i32, k: i32, p: i32): v128 {
  return v128.load64_splat(table + <usize>((k - 1) * count + p) * DOUBLE);
}

/** Stores (re, im) e^(j angle), whose parts are c and s. */
// @ts-ignore: decorator
@inline
function turned(yr: usize, yi: usize, out: usize, re: v128, im: v128, c: v128, s: v128): void {
  v128.store(yr + out, f64x2.sub(f64x2.mul(re, c), f64x2.mul(im, s)));
  v128.store(yi + out, f64x2.add(f64x2.mul(re, s), f64x2.mul(im, c)));
}

/** Where run p begins, and then each pair of it: the odd one first, then all pairs from the start. -1 begins with the odd one. */
// @ts-ignore: decorator
@inline
function begin(span: i32): i32 {
  return span & 1 ? -1 : 0;
}

function two(span: i32, count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>(count * span) * DOUBLE;
  const run = <usize>span * DOUBLE;
  const sines = table + <usize>count * DOUBLE;
  for (let p = 0; p < count; p++) {
    const c = both(table, count, 1, p);
    const s = both(sines, count, 1, p);
    for (let i = begin(span); i < span - (span & 1); i += i < 0 ? 1 : 2) {
      const place = <usize>(i < 0 ? span - 1 : i) * DOUBLE;
      const a = <usize>p * run + place;
      const out = <usize>(2 * p) * run + place;
      const ar = at(xr, a);
      const ai = at(xi, a);
      const br = at(xr, a + step);
      const bi = at(xi, a + step);
      v128.store(yr + out, f64x2.add(ar, br));
      v128.store(yi + out, f64x2.add(ai, bi));
      turned(yr, yi, out + run, f64x2.sub(ar, br), f64x2.sub(ai, bi), c, s);
    }
  }
}

function four(span: i32, count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>(count * span) * DOUBLE;
  const run = <usize>span * DOUBLE;
  const sines = table + <usize>(3 * count) * DOUBLE;
  for (let p = 0; p < count; p++) {
    const c1 = both(table, count, 1, p);
    const c2 = both(table, count, 2, p);
    const c3 = both(table, count, 3, p);
    const s1 = both(sines, count, 1, p);
    const s2 = both(sines, count, 2, p);
    const s3 = both(sines, count, 3, p);
    for (let i = begin(span); i < span - (span & 1); i += i < 0 ? 1 : 2) {
      const place = <usize>(i < 0 ? span - 1 : i) * DOUBLE;
      const a = <usize>p * run + place;
      const out = <usize>(4 * p) * run + place;
      const ar = at(xr, a);
      const ai = at(xi, a);
      const br = at(xr, a + step);
      const bi = at(xi, a + step);
      const cr = at(xr, a + 2 * step);
      const ci = at(xi, a + 2 * step);
      const dr = at(xr, a + 3 * step);
      const di = at(xi, a + 3 * step);
      const acr = f64x2.add(ar, cr);
      const aci = f64x2.add(ai, ci);
      const amr = f64x2.sub(ar, cr);
      const ami = f64x2.sub(ai, ci);
      const bdr = f64x2.add(br, dr);
      const bdi = f64x2.add(bi, di);
      const bmr = f64x2.sub(br, dr);
      const bmi = f64x2.sub(bi, di);
      v128.store(yr + out, f64x2.add(acr, bdr));
      v128.store(yi + out, f64x2.add(aci, bdi));
      turned(yr, yi, out + run, f64x2.add(amr, bmi), f64x2.sub(ami, bmr), c1, s1);
      turned(yr, yi, out + 2 * run, f64x2.sub(acr, bdr), f64x2.sub(aci, bdi), c2, s2);
      turned(yr, yi, out + 3 * run, f64x2.sub(amr, bmi), f64x2.add(ami, bmr), c3, s3);
    }
  }
}

/** Stores four numbers each of p and p + 1, which are the lanes. */
// @ts-ignore: decorator
@inline
function interleaved(y: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(y, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(y, v128.shuffle<f64>(c, d, 0, 2), 16);
  v128.store(y, v128.shuffle<f64>(a, b, 1, 3), 32);
  v128.store(y, v128.shuffle<f64>(c, d, 1, 3), 48);
}

/** The first pass, whose runs are single numbers: vectors hold two of them. An odd last one is done with the one before, again. */
function firstOfFour(count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>count * DOUBLE;
  const sines = table + 3 * step;
  for (let i = 0; i < count; i += 2) {
    const p = min(i, count - 2);
    const a = <usize>p * DOUBLE;
    const ar = at(xr, a);
    const ai = at(xi, a);
    const br = at(xr, a + step);
    const bi = at(xi, a + step);
    const cr = at(xr, a + 2 * step);
    const ci = at(xi, a + 2 * step);
    const dr = at(xr, a + 3 * step);
    const di = at(xi, a + 3 * step);
    const acr = f64x2.add(ar, cr);
    const aci = f64x2.add(ai, ci);
    const amr = f64x2.sub(ar, cr);
    const ami = f64x2.sub(ai, ci);
    const bdr = f64x2.add(br, dr);
    const bdi = f64x2.add(bi, di);
    const bmr = f64x2.sub(br, dr);
    const bmi = f64x2.sub(bi, di);
    const r1 = f64x2.add(amr, bmi);
    const i1 = f64x2.sub(ami, bmr);
    const r2 = f64x2.sub(acr, bdr);
    const i2 = f64x2.sub(aci, bdi);
    const r3 = f64x2.sub(amr, bmi);
    const i3 = f64x2.add(ami, bmr);
    const c1 = at(table, a);
    const c2 = at(table, a + step);
    const c3 = at(table, a + 2 * step);
    const s1 = at(sines, a);
    const s2 = at(sines, a + step);
    const s3 = at(sines, a + 2 * step);
    interleaved(
      yr + 4 * a,
      f64x2.add(acr, bdr),
      f64x2.sub(f64x2.mul(r1, c1), f64x2.mul(i1, s1)),
      f64x2.sub(f64x2.mul(r2, c2), f64x2.mul(i2, s2)),
      f64x2.sub(f64x2.mul(r3, c3), f64x2.mul(i3, s3)),
    );
    interleaved(
      yi + 4 * a,
      f64x2.add(aci, bdi),
      f64x2.add(f64x2.mul(r1, s1), f64x2.mul(i1, c1)),
      f64x2.add(f64x2.mul(r2, s2), f64x2.mul(i2, c2)),
      f64x2.add(f64x2.mul(r3, s3), f64x2.mul(i3, c3)),
    );
  }
}

// Odd radices: terms i and r - i share their cosine, and their sine up to its sign. cos and sin of 2 pi i / r:
const C31: f64 = -0.5;
const S31: f64 = 0.86602540378443871;
const C51: f64 = 0.30901699437494745;
const C52: f64 = -0.80901699437494734;
const S51: f64 = 0.95105651629515353;
const S52: f64 = 0.58778525229247325;
const C71: f64 = 0.62348980185873359;
const C72: f64 = -0.22252093395631434;
const C73: f64 = -0.90096886790241903;
const S71: f64 = 0.78183148246802980;
const S72: f64 = 0.97492791218182362;
const S73: f64 = 0.43388373911755823;

// @ts-ignore: decorator
@inline
function times(x: v128, factor: f64): v128 {
  return f64x2.mul(x, f64x2.splat(factor));
}

function three(span: i32, count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>(count * span) * DOUBLE;
  const run = <usize>span * DOUBLE;
  const sines = table + <usize>(2 * count) * DOUBLE;
  for (let p = 0; p < count; p++) {
    const c1 = both(table, count, 1, p);
    const c2 = both(table, count, 2, p);
    const s1 = both(sines, count, 1, p);
    const s2 = both(sines, count, 2, p);
    for (let i = begin(span); i < span - (span & 1); i += i < 0 ? 1 : 2) {
      const place = <usize>(i < 0 ? span - 1 : i) * DOUBLE;
      const a = <usize>p * run + place;
      const out = <usize>(3 * p) * run + place;
      const ar = at(xr, a);
      const ai = at(xi, a);
      const plusR = f64x2.add(at(xr, a + step), at(xr, a + 2 * step));
      const plusI = f64x2.add(at(xi, a + step), at(xi, a + 2 * step));
      const oddI = times(f64x2.sub(at(xr, a + step), at(xr, a + 2 * step)), S31);
      const oddR = times(f64x2.sub(at(xi, a + step), at(xi, a + 2 * step)), S31);
      const evenR = f64x2.add(ar, times(plusR, C31));
      const evenI = f64x2.add(ai, times(plusI, C31));
      v128.store(yr + out, f64x2.add(ar, plusR));
      v128.store(yi + out, f64x2.add(ai, plusI));
      turned(yr, yi, out + run, f64x2.add(evenR, oddR), f64x2.sub(evenI, oddI), c1, s1);
      turned(yr, yi, out + 2 * run, f64x2.sub(evenR, oddR), f64x2.add(evenI, oddI), c2, s2);
    }
  }
}

function five(span: i32, count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>(count * span) * DOUBLE;
  const run = <usize>span * DOUBLE;
  const sines = table + <usize>(4 * count) * DOUBLE;
  for (let p = 0; p < count; p++) {
    const c1 = both(table, count, 1, p);
    const c2 = both(table, count, 2, p);
    const c3 = both(table, count, 3, p);
    const c4 = both(table, count, 4, p);
    const s1 = both(sines, count, 1, p);
    const s2 = both(sines, count, 2, p);
    const s3 = both(sines, count, 3, p);
    const s4 = both(sines, count, 4, p);
    for (let i = begin(span); i < span - (span & 1); i += i < 0 ? 1 : 2) {
      const place = <usize>(i < 0 ? span - 1 : i) * DOUBLE;
      const a = <usize>p * run + place;
      const out = <usize>(5 * p) * run + place;
      const ar = at(xr, a);
      const ai = at(xi, a);
      const plusR1 = f64x2.add(at(xr, a + step), at(xr, a + 4 * step));
      const plusI1 = f64x2.add(at(xi, a + step), at(xi, a + 4 * step));
      const minusR1 = f64x2.sub(at(xr, a + step), at(xr, a + 4 * step));
      const minusI1 = f64x2.sub(at(xi, a + step), at(xi, a + 4 * step));
      const plusR2 = f64x2.add(at(xr, a + 2 * step), at(xr, a + 3 * step));
      const plusI2 = f64x2.add(at(xi, a + 2 * step), at(xi, a + 3 * step));
      const minusR2 = f64x2.sub(at(xr, a + 2 * step), at(xr, a + 3 * step));
      const minusI2 = f64x2.sub(at(xi, a + 2 * step), at(xi, a + 3 * step));
      v128.store(yr + out, f64x2.add(ar, f64x2.add(plusR1, plusR2)));
      v128.store(yi + out, f64x2.add(ai, f64x2.add(plusI1, plusI2)));
      const evenR1 = f64x2.add(ar, f64x2.add(times(plusR1, C51), times(plusR2, C52)));
      const evenI1 = f64x2.add(ai, f64x2.add(times(plusI1, C51), times(plusI2, C52)));
      const oddR1 = f64x2.add(times(minusI1, S51), times(minusI2, S52));
      const oddI1 = f64x2.add(times(minusR1, S51), times(minusR2, S52));
      turned(yr, yi, out + run, f64x2.add(evenR1, oddR1), f64x2.sub(evenI1, oddI1), c1, s1);
      const evenR2 = f64x2.add(ar, f64x2.add(times(plusR1, C52), times(plusR2, C51)));
      const evenI2 = f64x2.add(ai, f64x2.add(times(plusI1, C52), times(plusI2, C51)));
      const oddR2 = f64x2.sub(times(minusI1, S52), times(minusI2, S51));
      const oddI2 = f64x2.sub(times(minusR1, S52), times(minusR2, S51));
      turned(yr, yi, out + 2 * run, f64x2.add(evenR2, oddR2), f64x2.sub(evenI2, oddI2), c2, s2);
      turned(yr, yi, out + 3 * run, f64x2.sub(evenR2, oddR2), f64x2.add(evenI2, oddI2), c3, s3);
      turned(yr, yi, out + 4 * run, f64x2.sub(evenR1, oddR1), f64x2.add(evenI1, oddI1), c4, s4);
    }
  }
}

/** x0 + a x1 + b x2 + c x3 */
// @ts-ignore: decorator
@inline
function sum4(x0: v128, x1: v128, a: f64, x2: v128, b: f64, x3: v128, c: f64): v128 {
  return f64x2.add(f64x2.add(x0, times(x1, a)), f64x2.add(times(x2, b), times(x3, c)));
}

/** a x1 + b x2 + c x3 */
// @ts-ignore: decorator
@inline
function sum3(x1: v128, a: f64, x2: v128, b: f64, x3: v128, c: f64): v128 {
  return f64x2.add(times(x1, a), f64x2.add(times(x2, b), times(x3, c)));
}

function seven(span: i32, count: i32, table: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const step = <usize>(count * span) * DOUBLE;
  const run = <usize>span * DOUBLE;
  const sines = table + <usize>(6 * count) * DOUBLE;
  for (let p = 0; p < count; p++) {
    const c1 = both(table, count, 1, p);
    const c2 = both(table, count, 2, p);
    const c3 = both(table, count, 3, p);
    const c4 = both(table, count, 4, p);
    const c5 = both(table, count, 5, p);
    const c6 = both(table, count, 6, p);
    const s1 = both(sines, count, 1, p);
    const s2 = both(sines, count, 2, p);
    const s3 = both(sines, count, 3, p);
    const s4 = both(sines, count, 4, p);
    const s5 = both(sines, count, 5, p);
    const s6 = both(sines, count, 6, p);
    for (let i = begin(span); i < span - (span & 1); i += i < 0 ? 1 : 2) {
      const place = <usize>(i < 0 ? span - 1 : i) * DOUBLE;
      const a = <usize>p * run + place;
      const out = <usize>(7 * p) * run + place;
      const ar = at(xr, a);
      const ai = at(xi, a);
      const plusR1 = f64x2.add(at(xr, a + step), at(xr, a + 6 * step));
      const plusI1 = f64x2.add(at(xi, a + step), at(xi, a + 6 * step));
      const minusR1 = f64x2.sub(at(xr, a + step), at(xr, a + 6 * step));
      const minusI1 = f64x2.sub(at(xi, a + step), at(xi, a + 6 * step));
      const plusR2 = f64x2.add(at(xr, a + 2 * step), at(xr, a + 5 * step));
      const plusI2 = f64x2.add(at(xi, a + 2 * step), at(xi, a + 5 * step));
      const minusR2 = f64x2.sub(at(xr, a + 2 * step), at(xr, a + 5 * step));
      const minusI2 = f64x2.sub(at(xi, a + 2 * step), at(xi, a + 5 * step));
      const plusR3 = f64x2.add(at(xr, a + 3 * step), at(xr, a + 4 * step));
      const plusI3 = f64x2.add(at(xi, a + 3 * step), at(xi, a + 4 * step));
      const minusR3 = f64x2.sub(at(xr, a + 3 * step), at(xr, a + 4 * step));
      const minusI3 = f64x2.sub(at(xi, a + 3 * step), at(xi, a + 4 * step));
      v128.store(yr + out, f64x2.add(f64x2.add(ar, plusR1), f64x2.add(plusR2, plusR3)));
      v128.store(yi + out, f64x2.add(f64x2.add(ai, plusI1), f64x2.add(plusI2, plusI3)));
      const evenR1 = sum4(ar, plusR1, C71, plusR2, C72, plusR3, C73);
      const evenI1 = sum4(ai, plusI1, C71, plusI2, C72, plusI3, C73);
      const oddR1 = sum3(minusI1, S71, minusI2, S72, minusI3, S73);
      const oddI1 = sum3(minusR1, S71, minusR2, S72, minusR3, S73);
      turned(yr, yi, out + run, f64x2.add(evenR1, oddR1), f64x2.sub(evenI1, oddI1), c1, s1);
      const evenR2 = sum4(ar, plusR1, C72, plusR2, C73, plusR3, C71);
      const evenI2 = sum4(ai, plusI1, C72, plusI2, C73, plusI3, C71);
      const oddR2 = sum3(minusI1, S72, minusI2, -S73, minusI3, -S71);
      const oddI2 = sum3(minusR1, S72, minusR2, -S73, minusR3, -S71);
      turned(yr, yi, out + 2 * run, f64x2.add(evenR2, oddR2), f64x2.sub(evenI2, oddI2), c2, s2);
      const evenR3 = sum4(ar, plusR1, C73, plusR2, C71, plusR3, C72);
      const evenI3 = sum4(ai, plusI1, C73, plusI2, C71, plusI3, C72);
      const oddR3 = sum3(minusI1, S73, minusI2, -S71, minusI3, S72);
      const oddI3 = sum3(minusR1, S73, minusR2, -S71, minusR3, S72);
      turned(yr, yi, out + 3 * run, f64x2.add(evenR3, oddR3), f64x2.sub(evenI3, oddI3), c3, s3);
      turned(yr, yi, out + 4 * run, f64x2.sub(evenR3, oddR3), f64x2.add(evenI3, oddI3), c4, s4);
      turned(yr, yi, out + 5 * run, f64x2.sub(evenR2, oddR2), f64x2.add(evenI2, oddI2), c5, s5);
      turned(yr, yi, out + 6 * run, f64x2.sub(evenR1, oddR1), f64x2.add(evenI1, oddI1), c6, s6);
    }
  }
}
