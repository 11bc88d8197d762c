/** Weighted sums of floats along one axis of an image. */

/** For each place of an axis: the first pixel that counts, how many do, and their weights, [size, widest]. */
export interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly values: Float64Array;
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
