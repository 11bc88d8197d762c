import { malformed } from '../readers/bytes.js';
import type { Table } from './tables.js';

/** x -> (x - shift) / scale per column. */
export interface ColumnScaling {
  readonly shift: Float64Array;
  readonly scale: Float64Array;
}

/** How the columns of a table are scaled. */
export type ScalingKind = 'none' | 'zscore' | 'minmax' | 'range';

/**
 * Fits a scaling on the rows given: `zscore` subtracts the mean and divides by the (population) standard deviation,
 * `minmax` maps the smallest value to 0 and the largest to 1. A constant column becomes zero. `range` subtracts the mean of the whole
 * table and divides by the distance of its largest from its smallest value, all columns alike.
 */
export function fitScaling({ columns, data }: Table, rows: Int32Array, kind: ScalingKind): ColumnScaling {
  const shift = new Float64Array(columns);
  const scale = new Float64Array(columns).fill(1);
  if (kind === 'none') return { shift, scale };
  if (kind === 'range') {
    let [least, most, sum] = [Infinity, -Infinity, 0];
    for (const row of rows) {
      for (const value of data.subarray(row * columns, (row + 1) * columns)) {
        least = Math.min(least, value);
        most = Math.max(most, value);
        sum += value;
      }
    }
    return { shift: shift.fill(sum / (rows.length * columns)), scale: scale.fill(most - least || 1) };
  }
  for (let column = 0; column < columns; column++) {
    let least = Infinity;
    let most = -Infinity;
    let sum = 0;
    for (const row of rows) {
      const value = data[row * columns + column]!;
      least = Math.min(least, value);
      most = Math.max(most, value);
      sum += value;
    }
    if (most === least) {
      shift[column] = least;
      continue;
    }
    const mean = sum / rows.length;
    let square = 0;
    for (const row of rows) square += (data[row * columns + column]! - mean) ** 2;
    shift[column] = kind === 'zscore' ? mean : least;
    scale[column] = kind === 'zscore' ? Math.sqrt(square / rows.length) || 1 : most - least;
  }
  return { shift, scale };
}

/** The scaled table as float32, [rows, columns]. */
export function applyScaling({ columns, data }: Table, { shift, scale }: ColumnScaling): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = (data[i]! - shift[i % columns]!) / scale[i % columns]!;
  return out;
}

/**
 * NaN and infinite values: refused, or set to zero in place.
 *
 * @returns how many there were
 * @throws EQM_DATA_MALFORMED naming row and column.
 */
export function treatNonFinite({ file, columns, data }: Table, policy: 'error' | 'zero'): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i]!)) continue;
    if (policy === 'error') {
      throw malformed(
        file,
        `row ${Math.floor(i / columns) + 1}, column ${(i % columns) + 1}`,
        `${data[i]} is not a finite number; "nonFinite: zero" sets such values to zero`,
      );
    }
    data[i] = 0;
    count++;
  }
  return count;
}
