// Baseline JPEG (ITU-T T.81): one scan of all components, 8 bits, Huffman codes. Whatever is not as it should be ends with `false`: the
// caller has another decoder for it. Samples, chroma between samples and colours are, bit by bit, those of libjpeg (its accurate transform
// `islow`, its triangle filter, JFIF's colours).

/** A frame, in words of 32 bits: components, MCUs across and down, restart interval (0: none), then COMPONENT words for each. */
const HEAD: usize = 16;
/** Blocks of an MCU across and down, quantisation, DC codes, AC codes, samples, bytes of a row of samples. */
const COMPONENT: usize = 28;

/**
 * A table of codes: for every 10 bits, u16 [1024], the length of the code they begin with (0: longer) times 256 and its symbol; the largest
 * code of each length, i32 [17], -1 without; what makes an index of a code, i32 [17]; symbols, u8 [256].
 */
const QUICK_BITS: i32 = 10;
const LARGEST: usize = 2048;
const OFFSETS: usize = 2116;
const SYMBOLS: usize = 2184;

/** The bits that come next, from the top; how many of them there are; where the bytes after them are. */
let bits: u64 = 0;
let have: i32 = 0;
let next: usize = 0;

/** Where the segment ends, and the marker that ends it. */
let end: usize = 0;
let marker: i32 = 0;

/**
 * Decodes a scan.
 *
 * @param scan bytes behind the header of the scan, `length` of them. They are overwritten.
 * @param work 64 words for the coefficients of a block, then one for each component.
 * @param order the place of each coefficient of the file within a block, u8 [64].
 * @returns whether all was as it should be, up to the end of the image.
 */
export function scan(frame: usize, from: usize, length: i32, work: usize, order: usize): bool {
  const components = load<i32>(frame);
  const across = load<i32>(frame, 4);
  const down = load<i32>(frame, 8);
  const interval = load<i32>(frame, 12);
  const predictions = work + 256;
  const stop = from + <usize>length;
  let left = 0;
  let restarts = 0;
  memory.fill(work, 0, 256);
  for (let my = 0; my < down; my++) {
    for (let mx = 0; mx < across; mx++) {
      if (left == 0) {
        if (my + mx > 0) {
          if (!consumed() || marker != 0xd0 + (restarts++ & 7)) return false;
          from = after;
        }
        if (!segment(from, stop)) return false;
        memory.fill(predictions, 0, 16);
        left = interval == 0 ? across * down : interval;
      }
      left--;
      let component = frame + HEAD;
      for (let c = 0; c < components; c++, component += COMPONENT) {
        const h = load<i32>(component);
        const v = load<i32>(component, 4);
        const table = <usize>load<u32>(component, 8);
        const dc = <usize>load<u32>(component, 12);
        const ac = <usize>load<u32>(component, 16);
        const samples = <usize>load<u32>(component, 20);
        const row = <usize>load<u32>(component, 24);
        const prediction = predictions + (<usize>c << 2);
        for (let by = 0; by < v; by++) {
          for (let bx = 0; bx < h; bx++) {
            const last = block(work, table, dc, ac, prediction, order);
            if (last < 0) return false;
            const to = samples + <usize>((my * v + by) * 8) * row + <usize>((mx * h + bx) * 8);
            if (last == 0) flat(work, to, row);
            else inverse(work, to, row);
          }
        }
      }
    }
  }
  return consumed() && marker == 0xd9;
}

/** Where the bytes behind the marker are. */
let after: usize = 0;

/** Takes the bytes up to the next marker together, without the zeros behind 255, and begins to read them. */
function segment(from: usize, stop: usize): bool {
  let to = from;
  next = from;
  while (from < stop) {
    // 16 bytes without a 255 move as they are.
    while (from + 16 <= stop) {
      const bytes = v128.load(from);
      if (v128.any_true(i8x16.eq(bytes, i8x16.splat(-1)))) break;
      v128.store(to, bytes);
      from += 16;
      to += 16;
    }
    const near = min(from + 16, stop);
    while (from < near) {
      const byte = load<u8>(from++);
      if (byte == 255) {
        if (from == stop) return false;
        const following = load<u8>(from++);
        if (following != 0) {
          marker = following;
          after = from;
          end = to;
          bits = 0;
          have = 0;
          return true;
        }
      }
      store<u8>(to++, byte);
    }
  }
  return false;
}

/** Whether the segment was read to its end, but for the bits that fill its last byte. */
function consumed(): bool {
  const rest = (<i32>end - <i32>next) * 8 + have;
  return rest >= 0 && rest < 8;
}

/** 64 bits of a segment, from the top. */
// @ts-ignore: decorator
@inline
function bytesAt(at: usize): u64 {
  const reversed = i8x16.shuffle(v128.load64_zero(at), i64x2.splat(0), 7, 6, 5, 4, 3, 2, 1, 0, 16, 16, 16, 16, 16, 16, 16, 16);
  return i64x2.extract_lane(reversed, 0);
}

/** Length times 256 and symbol of the code that 16 bits begin with; -1 for bits that are no code. For codes of more than QUICK_BITS. */
function longer(table: usize, code: i32): i32 {
  for (let length = QUICK_BITS + 1; length <= 16; length++) {
    const own = code >> (16 - length);
    if (own > load<i32>(table + LARGEST + (<usize>length << 2))) continue;
    return (length << 8) | <i32>load<u8>(table + SYMBOLS + <usize>((own + load<i32>(table + OFFSETS + (<usize>length << 2))) & 255));
  }
  return -1;
}

/** As `longer`, for any code. */
// @ts-ignore: decorator
@inline
function codeOf(table: usize, b: u64): i32 {
  const quick = <i32>load<u16>(table + (<usize>(b >> <u64>(64 - QUICK_BITS)) << 1));
  return quick != 0 ? quick : longer(table, <i32>(b >> 48));
}

/** The number that `size` bits hold, 1 to 15: those with a leading 0 are negative. */
// @ts-ignore: decorator
@inline
function numberOf(b: u64, size: i32): i32 {
  const value = <i32>(b >> <u64>(64 - size));
  return value + (<i32>(<i64>b >> 63) & 1 ? 0 : 1 - (1 << size));
}

/** Reads the coefficients of a block, times their quantisation. Returns the last one's number, -1 for a mistake. */
function block(work: usize, table: usize, dc: usize, ac: usize, prediction: usize, order: usize): i32 {
  // Bits are taken from locals: these are in registers.
  let b = bits;
  let n = have;
  let at = next;
  // With less than 32 bits at hand, 56 and more are made of them, some perhaps from beyond the end of the segment.
  b |= bytesAt(at) >> <u64>n;
  at += <usize>((63 - n) >> 3);
  n |= 56;
  let code = codeOf(dc, b);
  let size = code & 255;
  if (code < 0 || size > 11) return -1;
  b <<= <u64>(code >> 8);
  n -= code >> 8;
  if (size > 0) {
    store<i32>(prediction, load<i32>(prediction) + numberOf(b, size));
    b <<= <u64>size;
    n -= size;
  }
  store<i32>(work, load<i32>(prediction) * load<i32>(table));
  let last = 0;
  for (let k = 1; k < 64; k++) {
    if (n < 32) {
      b |= bytesAt(at) >> <u64>n;
      at += <usize>((63 - n) >> 3);
      n |= 56;
    }
    code = codeOf(ac, b);
    if (code < 0) return -1;
    b <<= <u64>(code >> 8);
    n -= code >> 8;
    k += (code >> 4) & 15;
    size = code & 15;
    if (size == 0) {
      if ((code & 255) == 0) break;
      if ((code & 255) != 0xf0) return -1;
      continue;
    }
    if (k > 63) return -1;
    last = k;
    store<i32>(work + (<usize>load<u8>(order + <usize>k) << 2), numberOf(b, size) * load<i32>(table + (<usize>k << 2)));
    b <<= <u64>size;
    n -= size;
  }
  bits = b;
  have = n;
  next = at;
  return at > end + 16 ? -1 : last;
}

/** A block that has its mean alone. */
function flat(work: usize, to: usize, row: usize): void {
  const sample = i32x4.splat(((load<i32>(work) + 4) >> 3) + 128);
  const words = i16x8.narrow_i32x4_s(sample, sample);
  const bytes = i8x16.narrow_i16x8_u(words, words);
  for (let y = 0; y < 8; y++, to += row) v128.store64_lane(to, bytes, 0);
}

// Constants of the transform, times 2^13.
const F0298: i32 = 2446;
const F0390: i32 = 3196;
const F0541: i32 = 4433;
const F0765: i32 = 6270;
const F0899: i32 = 7373;
const F1175: i32 = 9633;
const F1501: i32 = 12299;
const F1847: i32 = 15137;
const F1961: i32 = 16069;
const F2053: i32 = 16819;
const F2562: i32 = 20995;
const F3072: i32 = 25172;

/** Eight vectors: the places of four one-dimensional transforms. */
let v0: v128 = i32x4.splat(0);
let v1: v128 = i32x4.splat(0);
let v2: v128 = i32x4.splat(0);
let v3: v128 = i32x4.splat(0);
let v4: v128 = i32x4.splat(0);
let v5: v128 = i32x4.splat(0);
let v6: v128 = i32x4.splat(0);
let v7: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function times(x: v128, factor: i32): v128 {
  return i32x4.mul(x, i32x4.splat(factor));
}

// @ts-ignore: decorator
@inline
function rounded(x: v128, shift: i32): v128 {
  return i32x4.shr_s(i32x4.add(x, i32x4.splat(1 << (shift - 1))), shift);
}

/** Four transforms of Loeffler, Ligtenberg and Moschytz, as libjpeg's `jpeg_idct_islow` takes them. */
// @ts-ignore: decorator
@inline
function transform(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128, x6: v128, x7: v128, shift: i32): void {
  let z1 = times(i32x4.add(x2, x6), F0541);
  const even2 = i32x4.sub(z1, times(x6, F1847));
  const even3 = i32x4.add(z1, times(x2, F0765));
  const even0 = i32x4.shl(i32x4.add(x0, x4), 13);
  const even1 = i32x4.shl(i32x4.sub(x0, x4), 13);
  const a0 = i32x4.add(even0, even3);
  const a3 = i32x4.sub(even0, even3);
  const a1 = i32x4.add(even1, even2);
  const a2 = i32x4.sub(even1, even2);

  let z3 = i32x4.add(x7, x3);
  let z4 = i32x4.add(x5, x1);
  const z5 = times(i32x4.add(z3, z4), F1175);
  z3 = i32x4.sub(z5, times(z3, F1961));
  z4 = i32x4.sub(z5, times(z4, F0390));
  z1 = times(i32x4.add(x7, x1), -F0899);
  const z2 = times(i32x4.add(x5, x3), -F2562);
  const b0 = i32x4.add(times(x7, F0298), i32x4.add(z1, z3));
  const b1 = i32x4.add(times(x5, F2053), i32x4.add(z2, z4));
  const b2 = i32x4.add(times(x3, F3072), i32x4.add(z2, z3));
  const b3 = i32x4.add(times(x1, F1501), i32x4.add(z1, z4));

  v0 = rounded(i32x4.add(a0, b3), shift);
  v7 = rounded(i32x4.sub(a0, b3), shift);
  v1 = rounded(i32x4.add(a1, b2), shift);
  v6 = rounded(i32x4.sub(a1, b2), shift);
  v2 = rounded(i32x4.add(a2, b1), shift);
  v5 = rounded(i32x4.sub(a2, b1), shift);
  v3 = rounded(i32x4.add(a3, b0), shift);
  v4 = rounded(i32x4.sub(a3, b0), shift);
}

/** Columns x .. x + 3 of a block of words, in place. */
// @ts-ignore: decorator
@inline
function columns(work: usize): void {
  transform(
    v128.load(work), v128.load(work, 32), v128.load(work, 64), v128.load(work, 96),
    v128.load(work, 128), v128.load(work, 160), v128.load(work, 192), v128.load(work, 224), 11,
  );
  v128.store(work, v0);
  v128.store(work, v1, 32);
  v128.store(work, v2, 64);
  v128.store(work, v3, 96);
  v128.store(work, v4, 128);
  v128.store(work, v5, 160);
  v128.store(work, v6, 192);
  v128.store(work, v7, 224);
}

/** Rows y .. y + 3, which become the lanes; places lie behind one another afterwards: 8 words for each, in `v`. */
// @ts-ignore: decorator
@inline
function rows(work: usize): void {
  const a0 = v128.load(work);
  const a1 = v128.load(work, 32);
  const a2 = v128.load(work, 64);
  const a3 = v128.load(work, 96);
  const b0 = v128.load(work, 16);
  const b1 = v128.load(work, 48);
  const b2 = v128.load(work, 80);
  const b3 = v128.load(work, 112);
  const a01 = v128.shuffle<i32>(a0, a1, 0, 4, 1, 5);
  const a23 = v128.shuffle<i32>(a2, a3, 0, 4, 1, 5);
  const a45 = v128.shuffle<i32>(a0, a1, 2, 6, 3, 7);
  const a67 = v128.shuffle<i32>(a2, a3, 2, 6, 3, 7);
  const b01 = v128.shuffle<i32>(b0, b1, 0, 4, 1, 5);
  const b23 = v128.shuffle<i32>(b2, b3, 0, 4, 1, 5);
  const b45 = v128.shuffle<i32>(b0, b1, 2, 6, 3, 7);
  const b67 = v128.shuffle<i32>(b2, b3, 2, 6, 3, 7);
  transform(
    v128.shuffle<i64>(a01, a23, 0, 2), v128.shuffle<i64>(a01, a23, 1, 3),
    v128.shuffle<i64>(a45, a67, 0, 2), v128.shuffle<i64>(a45, a67, 1, 3),
    v128.shuffle<i64>(b01, b23, 0, 2), v128.shuffle<i64>(b01, b23, 1, 3),
    v128.shuffle<i64>(b45, b67, 0, 2), v128.shuffle<i64>(b45, b67, 1, 3), 18,
  );
}

/** Four rows of samples. */
// @ts-ignore: decorator
@inline
function fourRows(work: usize, to: usize, row: usize): void {
  rows(work);
  const half = i32x4.splat(128);
  // Words: rows 0 .. 3 of two neighbouring places.
  const p01 = i16x8.narrow_i32x4_s(i32x4.add(v0, half), i32x4.add(v1, half));
  const p23 = i16x8.narrow_i32x4_s(i32x4.add(v2, half), i32x4.add(v3, half));
  const p45 = i16x8.narrow_i32x4_s(i32x4.add(v4, half), i32x4.add(v5, half));
  const p67 = i16x8.narrow_i32x4_s(i32x4.add(v6, half), i32x4.add(v7, half));
  const left = i8x16.narrow_i16x8_u(p01, p23);
  const right = i8x16.narrow_i16x8_u(p45, p67);
  const upper = i8x16.shuffle(left, right, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const lower = i8x16.shuffle(left, right, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  v128.store64_lane(to, upper, 0);
  v128.store64_lane(to + row, upper, 1);
  v128.store64_lane(to + 2 * row, lower, 0);
  v128.store64_lane(to + 3 * row, lower, 1);
}

/** The samples of a block; its coefficients are 0 afterwards. */
function inverse(work: usize, to: usize, row: usize): void {
  columns(work);
  columns(work + 16);
  fourRows(work, to, row);
  fourRows(work + 128, to + 4 * row, row);
  memory.fill(work, 0, 256);
}
