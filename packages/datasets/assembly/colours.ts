// From the planes of a JPEG image to colours, as libjpeg does: chroma by its triangle filter ("fancy upsampling"), YCbCr as in JFIF.

/**
 * One row of chroma at the width of the image, from rows of n samples, n > 2: 3/4 of the nearer column, 1/4 of the other one. With v = 2
 * columns are 3 near + far; at the edge of the image both are the same row. `sums` has room for n + 2 words of 16 bits and 16 bytes more.
 */
function widen(near: usize, far: usize, n: i32, v: i32, sums: usize, out: usize): void {
  const first = sums + 2;
  for (let i = 0; i < n; i += 8) {
    const a = i16x8.extend_low_i8x16_u(v128.load64_zero(near + <usize>i));
    const b = i16x8.extend_low_i8x16_u(v128.load64_zero(far + <usize>i));
    v128.store(first + (<usize>i << 1), v == 1 ? a : i16x8.add(i16x8.mul(a, i16x8.splat(3)), b));
  }
  store<u16>(sums, load<u16>(first));
  store<u16>(first + (<usize>n << 1), load<u16>(first + (<usize>(n - 1) << 1)));
  const even = i16x8.splat(v == 1 ? 1 : 8);
  const odd = i16x8.splat(v == 1 ? 2 : 7);
  const shift = v == 1 ? 2 : 4;
  for (let i = 0; i < n; i += 8) {
    const at = first + (<usize>i << 1);
    const three = i16x8.mul(v128.load(at), i16x8.splat(3));
    const a = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at - 2)), even), shift);
    const b = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at + 2)), odd), shift);
    // Each is a byte: the odd ones go to the upper half of the words.
    v128.store(out + (<usize>i << 1), v128.or(a, i16x8.shl(b, 8)));
  }
}

/** 8 pixels at a time, 24 bytes; up to 7 pixels more are read and written. */
function toColours(y: usize, cb: usize, cr: usize, width: i32, out: usize): void {
  for (let x = 0; x < width; x += 8, out += 24) {
    const place = <usize>x;
    const luma = i16x8.extend_low_i8x16_u(v128.load64_zero(y + place));
    const blue = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cb + place)), i16x8.splat(128));
    const red = i16x8.sub(i16x8.extend_low_i8x16_u(v128.load64_zero(cr + place)), i16x8.splat(128));
    const bl = i32x4.extend_low_i16x8_s(blue);
    const bh = i32x4.extend_high_i16x8_s(blue);
    const rl = i32x4.extend_low_i16x8_s(red);
    const rh = i32x4.extend_high_i16x8_s(red);
    // 1.402, 1.772, .34414 and .71414 times 2^16.
    const r = i16x8.add(luma, i16x8.narrow_i32x4_s(share(times(rl, 91881)), share(times(rh, 91881))));
    const b = i16x8.add(luma, i16x8.narrow_i32x4_s(share(times(bl, 116130)), share(times(bh, 116130))));
    const low = i32x4.add(times(bl, -22554), times(rl, -46802));
    const high = i32x4.add(times(bh, -22554), times(rh, -46802));
    const g = i16x8.add(luma, i16x8.narrow_i32x4_s(share(low), share(high)));
    const rg = i8x16.narrow_i16x8_u(r, g);
    const bb = i8x16.narrow_i16x8_u(b, b);
    v128.store(out, i8x16.shuffle(rg, bb, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5));
    v128.store64_lane(out, i8x16.shuffle(rg, bb, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0), 0, 16);
  }
}

// @ts-ignore: decorator
@inline
function times(x: v128, factor: i32): v128 {
  return i32x4.mul(x, i32x4.splat(factor));
}

// @ts-ignore: decorator
@inline
function share(x: v128): v128 {
  return i32x4.shr_s(i32x4.add(x, i32x4.splat(32768)), 16);
}

/**
 * Colours [height, width, 3] of a part of an image that begins at (left, top), from three planes whose rows are `lumaRow` and `chromaRow`
 * bytes apart. The whole image has `n` samples of chroma across and `chromaRows` down, each for `h` x `v` pixels: 1 x 1, 2 x 1 or 2 x 2.
 * `work` has room for two rows of 2 n + 15 bytes, each a multiple of 16 apart, and a row of sums.
 */
export function colours(
  y: usize, cb: usize, cr: usize, lumaRow: i32, chromaRow: i32, h: i32, v: i32, n: i32, chromaRows: i32,
  left: i32, top: i32, width: i32, height: i32, work: usize, out: usize,
): void {
  const room = <usize>(2 * n + 31) & ~15;
  const sums = work + 2 * room;
  const start = <usize>left;
  for (let line = top; line < top + height; line++, out += <usize>(3 * width)) {
    const near = line / v;
    const far = v == 1 ? near : line & 1 ? min(near + 1, chromaRows - 1) : max(near - 1, 0);
    const a = <usize>(near * chromaRow);
    const b = <usize>(far * chromaRow);
    let blue = cb + a;
    let red = cr + a;
    if (h == 2) {
      widen(cb + a, cb + b, n, v, sums, work);
      widen(cr + a, cr + b, n, v, sums, work + room);
      blue = work;
      red = work + room;
    }
    toColours(y + <usize>(line * lumaRow) + start, blue + start, red + start, width, out);
  }
}

/** Grey [height, width] at `y`, rows `row` bytes apart, as colours. */
export function greys(y: usize, row: i32, width: i32, height: i32, out: usize): void {
  for (let line = 0; line < height; line++, y += <usize>row) {
    for (let x = 0; x < width; x++, out += 3) {
      const sample = load<u8>(y + <usize>x);
      store<u8>(out, sample);
      store<u8>(out, sample, 1);
      store<u8>(out, sample, 2);
    }
  }
}
