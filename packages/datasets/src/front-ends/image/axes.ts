/**
 * Weighted sums along one axis of an image, the inner loops of `resize`. Bytes and floats have loops of their own, so that each is
 * compiled for one type.
 */

/** For each place of an axis: the first pixel that counts, how many do, and their weights, [size, widest]. */
export interface Weights<V extends Float64Array | Int32Array = Float64Array> {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly values: V;
  readonly widest: number;
}

/** The sizes of a pass over rows: `from` pixels become `width`. */
export interface RowPass {
  readonly from: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** The sizes of a pass over columns: rows of `row` numbers become `height`. */
export interface ColumnPass {
  readonly row: number;
  readonly height: number;
}

/** Bits after the point of the weights that bytes are multiplied with, as in Pillow. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** Weights for bytes. A sum of bytes times them fits 32 bits. */
export function inFixedPoint({ values, ...rest }: Weights): Weights<Int32Array> {
  return { ...rest, values: Int32Array.from(values, (value) => Math.trunc(value * 2 ** PRECISION + (value < 0 ? -0.5 : 0.5))) };
}

/** Arrays of clamped bytes clamp what is written to them. */
const clamped = (out: Uint8Array): Uint8ClampedArray => new Uint8ClampedArray(out.buffer, out.byteOffset, out.length);

export function rowsOfBytes(
  data: Uint8Array,
  out: Uint8Array,
  { from, width, height, channels }: RowPass,
  weights: Weights<Int32Array>,
): void {
  const { first, count, values, widest } = weights;
  const bytes = clamped(out);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = (y * from + first[x]!) * channels;
      const begin = x * widest;
      const end = begin + count[x]!;
      if (channels === 3) {
        let [red, green, blue] = [HALF, HALF, HALF];
        for (let w = begin, at = start; w < end; w++, at += 3) {
          const weight = values[w]!;
          red = (red + Math.imul(data[at]!, weight)) | 0;
          green = (green + Math.imul(data[at + 1]!, weight)) | 0;
          blue = (blue + Math.imul(data[at + 2]!, weight)) | 0;
        }
        bytes[to++] = red >> PRECISION;
        bytes[to++] = green >> PRECISION;
        bytes[to++] = blue >> PRECISION;
        continue;
      }
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let w = begin, at = start + c; w < end; w++, at += channels) sum = (sum + Math.imul(data[at]!, values[w]!)) | 0;
        bytes[to++] = sum >> PRECISION;
      }
    }
  }
}

export function rowsOfFloats(data: Float32Array, out: Float32Array, { from, width, height, channels }: RowPass, weights: Weights): void {
  const { first, count, values, widest } = weights;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = (y * from + first[x]!) * channels;
      const begin = x * widest;
      const end = begin + count[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let w = begin, at = start + c; w < end; w++, at += channels) sum += data[at]! * values[w]!;
        out[to++] = sum;
      }
    }
  }
}

export function columnsOfBytes(data: Uint8Array, out: Uint8Array, { row, height }: ColumnPass, weights: Weights<Int32Array>): void {
  const { first, count, values, widest } = weights;
  const bytes = clamped(out);
  const sums = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    const n = count[y]!;
    const start = y * row;
    // Four rows at a time; those beyond the last weigh nothing.
    for (let i = 0; i < n; i += 4) {
      const at = (k: number): number => (first[y]! + Math.min(i + k, n - 1)) * row;
      const weight = (k: number): number => (i + k < n ? values[y * widest + i + k]! : 0);
      const [a, b, c, d] = [at(0), at(1), at(2), at(3)];
      const [p, q, r, s] = [weight(0), weight(1), weight(2), weight(3)];
      if (n <= 4) {
        for (let x = 0; x < row; x++) {
          const [ab, cd] = [
            Math.imul(data[a + x]!, p) + Math.imul(data[b + x]!, q),
            Math.imul(data[c + x]!, r) + Math.imul(data[d + x]!, s),
          ];
          bytes[start + x] = (HALF + ab + cd) >> PRECISION;
        }
        break;
      }
      if (i === 0) sums.fill(HALF);
      for (let x = 0; x < row; x++) {
        const [ab, cd] = [Math.imul(data[a + x]!, p) + Math.imul(data[b + x]!, q), Math.imul(data[c + x]!, r) + Math.imul(data[d + x]!, s)];
        sums[x] = (sums[x]! + ab + cd) | 0;
      }
    }
    if (n > 4) for (let x = 0; x < row; x++) bytes[start + x] = sums[x]! >> PRECISION;
  }
}

export function columnsOfFloats(data: Float32Array, out: Float32Array, { row, height }: ColumnPass, weights: Weights): void {
  const { first, count, values, widest } = weights;
  const sums = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let i = 0; i < count[y]!; i++) {
      const weight = values[y * widest + i]!;
      const start = (first[y]! + i) * row;
      for (let x = 0; x < row; x++) sums[x]! += data[start + x]! * weight;
    }
    out.set(sums, y * row);
  }
}
