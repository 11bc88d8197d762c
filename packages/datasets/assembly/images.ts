// Images of bytes: weighted sums along an axis as Pillow takes them (weights of 22 bits after the point, rounded once, clamped), and
// normalisation. Weights of a place x are `count[x]` int32 at `values + 4 widest x`, for pixels from `first[x]` on.

const PRECISION: i32 = 22;
const HALF: i32 = 1 << (PRECISION - 1);

/** Rows of three channels: `from` pixels become `width`. May read 1 byte beyond the image. */
export function rowsOfColours(
  data: usize, out: usize, from: i32, width: i32, height: i32, first: usize, count: usize, values: usize, widest: i32,
): void {
  for (let y = 0; y < height; y++) {
    const row = data + <usize>(y * from * 3);
    for (let x = 0; x < width; x++) {
      let at = row + <usize>(load<i32>(first + (<usize>x << 2)) * 3);
      let weight = values + <usize>(x * widest * 4);
      const end = weight + (<usize>load<i32>(count + (<usize>x << 2)) << 2);
      let sum = i32x4.splat(HALF);
      for (; weight < end; weight += 4, at += 3) {
        const pixel = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
        sum = i32x4.add(sum, i32x4.mul(pixel, v128.load32_splat(weight)));
      }
      const bytes = clamped(sum);
      v128.store16_lane(out, bytes, 0);
      v128.store8_lane(out, bytes, 2, 2);
      out += 3;
    }
  }
}

/** Sums as bytes, in the first four. */
// @ts-ignore: decorator
@inline
function clamped(sum: v128): v128 {
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(sum, PRECISION), i32x4.splat(0));
  return i8x16.narrow_i16x8_u(words, words);
}

/** Rows of any number of channels. */
export function rows(
  data: usize, out: usize, from: i32, width: i32, height: i32, channels: i32, first: usize, count: usize, values: usize, widest: i32,
): void {
  for (let y = 0; y < height; y++) {
    const row = data + <usize>(y * from * channels);
    for (let x = 0; x < width; x++) {
      const start = row + <usize>(load<i32>(first + (<usize>x << 2)) * channels);
      const weights = values + <usize>(x * widest * 4);
      const end = weights + (<usize>load<i32>(count + (<usize>x << 2)) << 2);
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        let at = start + <usize>c;
        for (let weight = weights; weight < end; weight += 4, at += <usize>channels) sum += <i32>load<u8>(at) * load<i32>(weight);
        store<u8>(out++, clamp(sum >> PRECISION));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function clamp(value: i32): u8 {
  return <u8>min(max(value, 0), 255);
}

/** Columns: rows of `row` bytes become `height`. */
export function columns(
  data: usize, out: usize, row: i32, height: i32, first: usize, count: usize, values: usize, widest: i32,
): void {
  for (let y = 0; y < height; y++) {
    const top = data + <usize>(load<i32>(first + (<usize>y << 2)) * row);
    const weights = values + <usize>(y * widest * 4);
    const end = weights + (<usize>load<i32>(count + (<usize>y << 2)) << 2);
    let x = 0;
    for (; x + 16 <= row; x += 16, out += 16) {
      let a = i32x4.splat(HALF);
      let b = a;
      let c = a;
      let d = a;
      let at = top + <usize>x;
      for (let weight = weights; weight < end; weight += 4, at += <usize>row) {
        const factor = v128.load32_splat(weight);
        const pixels = v128.load(at);
        const low = i16x8.extend_low_i8x16_u(pixels);
        const high = i16x8.extend_high_i8x16_u(pixels);
        a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), factor));
        b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), factor));
        c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), factor));
        d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), factor));
      }
      const left = i16x8.narrow_i32x4_s(i32x4.shr_s(a, PRECISION), i32x4.shr_s(b, PRECISION));
      const right = i16x8.narrow_i32x4_s(i32x4.shr_s(c, PRECISION), i32x4.shr_s(d, PRECISION));
      v128.store(out, i8x16.narrow_i16x8_u(left, right));
    }
    for (; x < row; x++) {
      let sum = HALF;
      let at = top + <usize>x;
      for (let weight = weights; weight < end; weight += 4, at += <usize>row) sum += <i32>load<u8>(at) * load<i32>(weight);
      store<u8>(out++, clamp(sum >> PRECISION));
    }
  }
}

/**
 * (v / 255 - mean) / deviation of `count` bytes, in floats. Mean and deviation of the channels are repeated to 12 numbers: `count` bytes
 * are taken 12 at a time, and up to 11 more are read and written.
 */
export function normalise(data: usize, count: i32, mean: usize, deviation: usize, out: usize): void {
  const top = f32x4.splat(255);
  const end = data + <usize>count;
  for (; data < end; data += 12, out += 48) {
    const pixels = v128.load(data);
    const low = i16x8.extend_low_i8x16_u(pixels);
    const high = i16x8.extend_high_i8x16_u(pixels);
    scaled(i32x4.extend_low_i16x8_u(low), top, mean, deviation, out);
    scaled(i32x4.extend_high_i16x8_u(low), top, mean + 16, deviation + 16, out + 16);
    scaled(i32x4.extend_low_i16x8_u(high), top, mean + 32, deviation + 32, out + 32);
  }
}

// @ts-ignore: decorator
@inline
function scaled(values: v128, top: v128, mean: usize, deviation: usize, out: usize): void {
  const shares = f32x4.div(f32x4.convert_i32x4_s(values), top);
  v128.store(out, f32x4.div(f32x4.sub(shares, v128.load(mean)), v128.load(deviation)));
}
