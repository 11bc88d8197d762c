import type { LabelledFeatures, ProbeFigures, ProbeInput } from '@equimodal/core';
import { definePiece, RandomStream } from '@equimodal/core';
import { z } from 'zod';
import { classesOf, fitLogistic, type LogisticOptions } from './logistic.js';

export interface ProbeOptions {
  /** Most rows of the training split that the probe is fitted to, drawn once. */
  readonly rows: number;
  readonly decay: number;
  readonly iterations: number;
}

/**
 * Accuracy of a linear read-out fitted to frozen features: multinomial logistic regression on features standardised by the training rows,
 * for each modality and for all of them one after the other.
 *
 * Source: Alain & Bengio, "Understanding intermediate layers using linear classifier probes", ICLR workshop 2017.
 */
export function linearProbe({ classes, featureSizes, train, scored }: ProbeInput, { rows, decay, iterations }: ProbeOptions): ProbeFigures {
  const modalities = Object.keys(train.features);
  const chosen = drawn(train.size, rows);
  const accuracyOn = (names: readonly string[]): number => {
    const width = names.reduce((sum, name) => sum + featureSizes[name]!, 0);
    const fitted = gather(train, names, featureSizes, width, chosen);
    const unseen = gather(
      scored,
      names,
      featureSizes,
      width,
      Int32Array.from({ length: scored.size }, (_, i) => i),
    );
    standardise(fitted, unseen, width);
    const labels = Int32Array.from(chosen, (row) => train.labels[row]!);
    const options: LogisticOptions = { classes, decay, iterations };
    const weights = fitLogistic({ size: chosen.length, width, values: fitted, labels }, options);
    const found = classesOf(weights, { size: scored.size, width, values: unseen }, classes);
    return found.reduce((right, label, i) => right + (label === scored.labels[i] ? 1 : 0), 0) / scored.size;
  };
  return { all: accuracyOn(modalities), perModality: Object.fromEntries(modalities.map((name) => [name, accuracyOn([name])])) };
}

/** At most `most` of the rows, in order, the same for every model. */
const drawn = (size: number, most: number): Int32Array => new RandomStream(0, 'linear-probe').permutation(size).slice(0, most).sort();

/** Features of some modalities side by side, row-major [rows, width]. */
function gather(
  { features }: LabelledFeatures,
  names: readonly string[],
  sizes: Readonly<Record<string, number>>,
  width: number,
  rows: Int32Array,
): Float64Array {
  const out = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    let at = i * width;
    for (const name of names) {
      const size = sizes[name]!;
      out.set(features[name]!.subarray(row * size, (row + 1) * size), at);
      at += size;
    }
  }
  return out;
}

/** Brings columns to mean 0 and deviation 1 by the fitted rows; constant ones to 0. */
function standardise(fitted: Float64Array, unseen: Float64Array, width: number): void {
  const size = fitted.length / width;
  for (let d = 0; d < width; d++) {
    let [sum, squares] = [0, 0];
    for (let i = d; i < fitted.length; i += width) sum += fitted[i]!;
    const mean = sum / size;
    for (let i = d; i < fitted.length; i += width) squares += (fitted[i]! - mean) ** 2;
    const deviation = Math.sqrt(squares / size);
    const factor = deviation > 1e-12 ? 1 / deviation : 0;
    for (const values of [fitted, unseen]) for (let i = d; i < values.length; i += width) values[i] = (values[i]! - mean) * factor;
  }
}

/** The metric `linear-probe`. */
export const linearProbeMetric = definePiece({
  kind: 'metric',
  id: 'linear-probe',
  description: 'Accuracy of a logistic regression fitted to the frozen features, of each modality and of all together',
  facts: {
    higherIsBetter: true,
    bounds: [0, 1],
    paper: {
      title: 'Understanding intermediate layers using linear classifier probes',
      venue: 'ICLR workshop 2017',
      url: 'https://arxiv.org/abs/1610.01644',
    },
    note: 'Says what features hold, whatever the heads make of it: also where training saw no labels. Takes a pass over the training split and seconds of fitting.',
  },
  options: z.object({
    rows: z.int().positive().default(4000).describe('most rows of the training split that the probe is fitted to, drawn once'),
    decay: z.number().positive().default(1e-3).describe('weight of |W|^2 / 2 beside the mean cross-entropy'),
    iterations: z.int().positive().default(100).describe('most iterations of L-BFGS'),
  }),
  create: (options) => ({ key: 'linearProbe', probe: (input) => linearProbe(input, options) }),
});
