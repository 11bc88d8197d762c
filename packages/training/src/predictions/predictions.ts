import { existsSync } from 'node:fs';
import { EquimodalError } from '@equimodal/core';
import { WeightFile, writeWeights, type Weight } from '@equimodal/weights';
import type { SplitOutputs } from '../evaluation/evaluate.js';

/** What the selected model said of each test sample, and a sample of its features; `predictions.safetensors` of a run folder. */
export interface Predictions {
  readonly classes: number;
  /** [size] */
  readonly labels: Int32Array;
  /** The class with the highest probability, [size]; of equals the first. */
  readonly predicted: Int32Array;
  /** The probability of `predicted`, [size]. */
  readonly confidence: Float32Array;
  /** What each modality's own read-out predicts, [size] each. */
  readonly unimodal: Readonly<Record<string, Int32Array>>;
  /** Features of some test samples, for pictures; null for a file that has none. */
  readonly features: FeatureSample | null;
}

export interface FeatureSample {
  /** Rows of the test split, spread evenly over it. */
  readonly rows: Int32Array;
  /** Features of unit length, [rows, size] row by row, of each modality. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
  readonly sizes: Readonly<Record<string, number>>;
}

const FORMAT = 'equimodal-predictions-1';
/** Samples whose features are kept: enough for a picture, few enough to keep for every run. */
const SAMPLE = 128;

/** Keeps what comparisons need of the outputs on a test split: predictions of all samples, features of 128. */
export function predictionsOf({ size, labels, probabilities, unimodal, features }: SplitOutputs): Predictions {
  const classes = probabilities.length / size;
  const predicted = argMax(probabilities, classes);
  return {
    classes,
    labels,
    predicted,
    confidence: Float32Array.from(predicted, (label, row) => probabilities[row * classes + label]!),
    unimodal: Object.fromEntries(Object.entries(unimodal).map(([name, own]) => [name, argMax(own, classes)])),
    features: Object.keys(features).length === 0 ? null : sampleOf(features, size),
  };
}

function argMax(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (probabilities[row * classes + c]! > probabilities[row * classes + best]!) best = c;
    return best;
  });
}

function sampleOf(features: SplitOutputs['features'], size: number): FeatureSample {
  const count = Math.min(SAMPLE, size);
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  const sizes = Object.fromEntries(Object.entries(features).map(([name, values]) => [name, values.length / size]));
  const vectors = Object.fromEntries(
    Object.entries(features).map(([name, values]) => {
      const width = sizes[name]!;
      const out = new Float32Array(count * width);
      rows.forEach((row, i) => {
        const own = values.subarray(row * width, (row + 1) * width);
        const length = Math.hypot(...own) || 1;
        for (let j = 0; j < width; j++) out[i * width + j] = own[j]! / length;
      });
      return [name, out];
    }),
  );
  return { rows, vectors, sizes };
}

/** Writes the file beside its place and renames it. */
export function writePredictions(file: string, { classes, labels, predicted, confidence, unimodal, features }: Predictions): void {
  const flat = (values: Weight['values']): Weight => ({ shape: [values.length], values });
  const weights: Record<string, Weight> = { labels: flat(labels), predicted: flat(predicted), confidence: flat(confidence) };
  for (const [name, own] of Object.entries(unimodal)) weights[`unimodal/${name}`] = flat(own);
  if (features !== null) {
    weights['rows'] = flat(features.rows);
    for (const [name, values] of Object.entries(features.vectors))
      weights[`features/${name}`] = { shape: [features.rows.length, features.sizes[name]!], values };
  }
  writeWeights(file, weights, { format: FORMAT, classes: String(classes) });
}

/**
 * Reads the predictions of a run; null where there is no such file, as in runs of earlier versions.
 *
 * @throws EQM_RUN_MISSING for a file that is truncated or of another format.
 */
export function readPredictions(file: string): Predictions | null {
  if (!existsSync(file)) return null;
  let opened: WeightFile | undefined;
  try {
    opened = WeightFile.open(file);
    if (opened.metadata['format'] !== FORMAT) throw new EquimodalError('EQM_RUN_MISSING', `it is not in the format ${FORMAT}`);
    const weights = Object.fromEntries([...opened.tensors.keys()].map((name) => [name, opened!.read(name)]));
    return fromWeights(Number(opened.metadata['classes']), weights);
  } catch (error) {
    if (!(error instanceof EquimodalError)) throw error;
    throw new EquimodalError('EQM_RUN_MISSING', `the predictions of the run cannot be read: ${error.message}`, {
      where: file,
      fix: 'Remove the file to do without them, or train the run again.',
      cause: error,
    });
  } finally {
    opened?.close();
  }
}

function fromWeights(classes: number, weights: Readonly<Record<string, Weight>>): Predictions {
  const below = (part: string): [string, Weight][] =>
    Object.entries(weights).flatMap(([name, weight]) => (name.startsWith(`${part}/`) ? [[name.slice(part.length + 1), weight]] : []));
  const own = (name: string): Weight['values'] => {
    const weight = weights[name];
    if (weight === undefined) throw new EquimodalError('EQM_RUN_MISSING', `it has no "${name}"`);
    return weight.values;
  };
  const features = below('features');
  return {
    classes,
    labels: own('labels') as Int32Array,
    predicted: own('predicted') as Int32Array,
    confidence: own('confidence') as Float32Array,
    unimodal: Object.fromEntries(below('unimodal').map(([name, { values }]) => [name, values as Int32Array])),
    features:
      features.length === 0
        ? null
        : {
            rows: own('rows') as Int32Array,
            vectors: Object.fromEntries(features.map(([name, { values }]) => [name, values as Float32Array])),
            sizes: Object.fromEntries(features.map(([name, { shape }]) => [name, shape[1]!])),
          },
  };
}
