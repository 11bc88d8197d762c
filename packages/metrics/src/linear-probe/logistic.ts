import { minimise } from './lbfgs.js';

/** Rows of numbers with a class each, row-major [size, width]. */
export interface Rows {
  readonly size: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly labels: Int32Array;
}

export interface LogisticOptions {
  readonly classes: number;
  /** Weight of |W|^2 / 2 beside the mean cross-entropy; the bias is free. */
  readonly decay: number;
  readonly iterations: number;
}

/** Weights [classes, width + 1], the bias last. */
export type Weights = Float64Array;

/**
 * Multinomial logistic regression in double precision: the minimum of
 *
 *     1/n sum_i -log softmax(W x_i + b)_(y_i) + decay/2 |W|^2
 *
 * by L-BFGS from zero.
 */
export function fitLogistic(rows: Rows, { classes, decay, iterations }: LogisticOptions): Weights {
  const objective = (weights: Weights): { value: number; gradient: Float64Array } => {
    const { size, width, values, labels } = rows;
    const gradient = new Float64Array(weights.length);
    const scores = new Float64Array(classes);
    let value = 0;
    for (let i = 0; i < size; i++) {
      const at = i * width;
      scoresOf(weights, values, at, width, scores);
      softmaxInPlace(scores);
      value -= Math.log(Math.max(scores[labels[i]!]!, 1e-300)) / size;
      for (let c = 0; c < classes; c++) {
        const error = (scores[c]! - (labels[i] === c ? 1 : 0)) / size;
        const row = c * (width + 1);
        for (let d = 0; d < width; d++) gradient[row + d]! += error * values[at + d]!;
        gradient[row + width]! += error;
      }
    }
    for (let c = 0; c < classes; c++) {
      for (let d = 0, at = c * (width + 1); d < width; d++, at++) {
        value += (decay / 2) * weights[at]! ** 2;
        gradient[at]! += decay * weights[at]!;
      }
    }
    return { value, gradient };
  };
  return minimise(objective, new Float64Array(classes * (rows.width + 1)), { iterations });
}

/** The class with the highest score for each row. */
export function classesOf(weights: Weights, { size, width, values }: Omit<Rows, 'labels'>, classes: number): Int32Array {
  const scores = new Float64Array(classes);
  return Int32Array.from({ length: size }, (_, i) => {
    scoresOf(weights, values, i * width, width, scores);
    return scores.indexOf(Math.max(...scores));
  });
}

function scoresOf(weights: Weights, values: Float64Array, at: number, width: number, out: Float64Array): void {
  for (let c = 0; c < out.length; c++) {
    const row = c * (width + 1);
    let sum = weights[row + width]!;
    for (let d = 0; d < width; d++) sum += weights[row + d]! * values[at + d]!;
    out[c] = sum;
  }
}

function softmaxInPlace(scores: Float64Array): void {
  const highest = Math.max(...scores);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += scores[c] = Math.exp(scores[c]! - highest);
  for (let c = 0; c < scores.length; c++) scores[c]! /= sum;
}
