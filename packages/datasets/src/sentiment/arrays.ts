import { malformed } from '../readers/bytes.js';
import type { Steps } from './pack.js';

export interface ArrayOptions {
  /** `mean`: over the steps of a row that are not all zero (padding); `mean-padded`: over all; `sequence`: all steps. */
  readonly time: 'mean' | 'mean-padded' | 'sequence';
  /** Steps that a sequence keeps. */
  readonly maxLength: number;
}

/** Rows of one modality: [rows, features], or [rows, length, features]. */
export interface Rows {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** Values that were not finite and are zero. */
  readonly replaced: number;
  /** Whether a row has a step that is not all zero. */
  readonly present: readonly boolean[];
}

/**
 * Reads a modality row by row. Sequences lose their leading all-zero steps, are cut after `maxLength` steps and filled with zeros
 * behind, so that padding is at the end whatever side the file has it on.
 */
export function readRows(steps: Steps, file: string, { time, maxLength }: ArrayOptions): Rows {
  const { rows, features } = steps;
  const length = time === 'sequence' ? Math.max(1, Math.min(maxLength, steps.longest)) : 1;
  if (rows * length * features > 2 ** 32)
    throw malformed(file, '', `${rows} rows of [${length}, ${features}] do not fit into memory; set "maxLength" or "time: mean"`);
  const data = new Float32Array(rows * length * features);
  const present: boolean[] = [];
  let replaced = 0;
  for (let row = 0; row < rows; row++) {
    const values = Float32Array.from(steps.row(row));
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i]!)) continue;
      values[i] = 0;
      replaced++;
    }
    const real = stepsWithContent(values, features);
    present.push(real.length > 0);
    const out = data.subarray(row * length * features, (row + 1) * length * features);
    if (time === 'sequence') {
      const first = real[0] ?? 0;
      out.set(values.subarray(first * features, Math.min(values.length, (first + length) * features)));
    } else {
      const averaged = time === 'mean' ? real : Array.from({ length: values.length / features }, (_, step) => step);
      for (const step of averaged) for (let i = 0; i < features; i++) out[i]! += values[step * features + i]! / averaged.length;
    }
  }
  return { data, shape: time === 'sequence' ? [length, features] : [features], replaced, present };
}

function stepsWithContent(values: Float32Array, features: number): number[] {
  const steps: number[] = [];
  for (let step = 0; step * features < values.length; step++) {
    for (let i = step * features; i < (step + 1) * features; i++) {
      if (values[i] === 0) continue;
      steps.push(step);
      break;
    }
  }
  return steps;
}

/** Mean and deviation of every feature over the steps of the training rows that are not all zero. */
export function fitFeatures({ data, shape }: Rows, keep: Int32Array): { readonly mean: Float64Array; readonly deviation: Float64Array } {
  const features = shape.at(-1)!;
  const rowSize = shape.reduce((product, size) => product * size, 1);
  const mean = new Float64Array(features);
  const square = new Float64Array(features);
  const each = (visit: (offset: number) => void): number => {
    let count = 0;
    for (const row of keep) {
      const values = data.subarray(row * rowSize, (row + 1) * rowSize);
      for (const step of stepsWithContent(values, features)) {
        visit(row * rowSize + step * features);
        count++;
      }
    }
    return count;
  };
  const count = Math.max(
    1,
    each((at) => mean.forEach((_, i) => (mean[i]! += data[at + i]!))),
  );
  mean.forEach((sum, i) => (mean[i] = sum / count));
  each((at) => mean.forEach((average, i) => (square[i]! += (data[at + i]! - average) ** 2)));
  return { mean, deviation: square.map((sum) => Math.sqrt(sum / count) || 1) };
}

/** Subtracts the mean and divides by the deviation, in place; all-zero steps stay zero. */
export function scaleFeatures({ data, shape }: Rows, { mean, deviation }: ReturnType<typeof fitFeatures>): void {
  const features = shape.at(-1)!;
  for (const step of stepsWithContent(data, features)) {
    for (let i = 0; i < features; i++) data[step * features + i] = (data[step * features + i]! - mean[i]!) / deviation[i]!;
  }
}
