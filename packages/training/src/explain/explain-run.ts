import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type ModalitySpec, type Split } from '@equimodal/core';
import { disposeTree, softmax, subTree } from '@equimodal/nn';
import { readBatch } from '../data/batches.js';
import type { Model } from '../model/model.js';
import { readParameters, withStoredRun, type StoredParameters, type StoredRunRequest } from '../run/stored-run.js';
import { gradCam, type GradCamTarget } from './grad-cam.js';

/** A run to explain, and which of its samples. */
export interface ExplainRunRequest extends StoredRunRequest, GradCamTarget {
  readonly split: 'train' | 'validation' | 'test';
  /** Rows of the split; the first of each class by default. */
  readonly rows?: readonly number[];
  /** The class explained: the true one, the predicted one, or one by name. Default: true. */
  readonly about?: 'true' | 'predicted' | { readonly class: string };
  /** After how many epochs, of those that were kept; null is the selected parameters. Default: those alone. */
  readonly epochs?: readonly (number | null)[];
}

/** What a model said of samples after some epochs, and which places spoke for a class. */
export interface ExplainedEpoch {
  readonly epochs: number | null;
  /** Class index of each sample. */
  readonly predicted: readonly number[];
  /** Probability of the class that is explained. */
  readonly probability: readonly number[];
  /** Of each sample the class that is explained. */
  readonly explained: readonly number[];
  /** Of each sample row-major [height, width], between 0 and 1. */
  readonly maps: readonly Float32Array[];
  readonly height: number;
  readonly width: number;
}

/** Grad-CAM maps of samples of a stored run. */
export interface ExplainedRun {
  readonly modality: ModalitySpec;
  readonly split: string;
  readonly classes: readonly string[];
  readonly rows: readonly number[];
  /** How the dataset calls the rows, where it does. */
  readonly ids: readonly string[] | null;
  readonly labels: readonly number[];
  /** Of each sample the modality's values, row-major [...shape]. */
  readonly inputs: readonly Float32Array[];
  readonly epochs: readonly ExplainedEpoch[];
}

/**
 * Grad-CAM of a stored run, see `gradCam`.
 *
 * @throws EQM_RUN_MISSING without such a checkpoint, EQM_CONFIG_INCOMPATIBLE for an encoder that cannot be explained or an unknown
 *   class, EQM_DATA_SPLIT for a split or rows that are not there.
 */
export async function explainRun(request: ExplainRunRequest): Promise<ExplainedRun> {
  const { folder, dataset, epochs = [null] } = request;
  const stored = readAll(request, epochs);
  try {
    return await withStoredRun(request, async ({ model, splits, modalities }) => {
      const split = splits[request.split];
      if (split === null) throw new EquimodalError('EQM_DATA_SPLIT', `the run has no ${request.split} split`, { where: folder.manifest });
      const rows = chosenRows(split, dataset.classes.length, request.rows);
      const labels = [...rows].map((row) => split.labels[row]!);
      const about = aboutOf(request, dataset.classes);
      const batch = await readBatch(split, rows, modalities);
      try {
        const inputs = subTree('inputs', batch);
        const own = inputs[request.modality];
        const explained = epochs.map((after, i) => explain(model, stored[i]!, inputs, { labels, about, after, target: request }));
        return {
          modality: modalities.find(({ name }) => name === request.modality)!,
          split: request.split,
          classes: dataset.classes,
          rows: [...rows],
          ids: split.ids === undefined ? null : [...rows].map((row) => split.ids![row]!),
          labels,
          inputs: rowsOf(own!.dataSync() as Float32Array, rows.length),
          epochs: explained,
        };
      } finally {
        disposeTree(batch);
      }
    });
  } finally {
    for (const one of stored) one.dispose();
  }
}

function readAll({ folder, recipe }: ExplainRunRequest, epochs: readonly (number | null)[]): StoredParameters[] {
  const read: StoredParameters[] = [];
  try {
    for (const after of epochs) read.push(readParameters(folder, recipe, after ?? undefined));
    return read;
  } catch (error) {
    for (const one of read) one.dispose();
    throw error;
  }
}

type About = (label: number, predicted: number) => number;

function aboutOf({ about = 'true' }: ExplainRunRequest, classes: readonly string[]): About {
  if (about === 'true') return (label) => label;
  if (about === 'predicted') return (_, predicted) => predicted;
  const index = classes.indexOf(about.class);
  if (index >= 0) return () => index;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `there is no class "${about.class}"`, { fix: `There are ${classes.join(', ')}.` });
}

/** The first row of each class, in the order of the classes, unless rows are given. */
function chosenRows({ size, labels }: Split, classes: number, rows?: readonly number[]): Int32Array {
  const chosen = rows ?? Array.from({ length: classes }, (_, label) => labels.indexOf(label)).filter((row) => row >= 0);
  const wrong = chosen.find((row) => !Number.isInteger(row) || row < 0 || row >= size);
  if (wrong === undefined) return Int32Array.from(chosen);
  throw new EquimodalError('EQM_DATA_SPLIT', `the split has no row ${wrong}`, { fix: `Rows are 0 to ${size - 1}.` });
}

interface Explaining {
  readonly labels: readonly number[];
  readonly about: About;
  readonly after: number | null;
  readonly target: GradCamTarget;
}

function explain(
  model: Model,
  parameters: StoredParameters,
  inputs: Readonly<Record<string, tf.Tensor>>,
  { labels, about, after, target }: Explaining,
): ExplainedEpoch {
  // A first look for what is predicted, where the class explained hangs on it.
  const first = gradCam(model, parameters, inputs, Int32Array.from(labels), target);
  const predicted = tf.tidy(() => [...tf.argMax(first.logits, 1).dataSync()]);
  const explained = labels.map((label, i) => about(label, predicted[i]!));
  const same = explained.every((label, i) => label === labels[i]);
  const shown = same ? first : gradCam(model, parameters, inputs, Int32Array.from(explained), target);
  const probabilities = tf.tidy(() => softmax(shown.logits).dataSync());
  const [, height, width] = shown.maps.shape;
  const maps = rowsOf(shown.maps.dataSync() as Float32Array, labels.length);
  for (const { maps: own, logits } of new Set([first, shown])) tf.dispose([own, logits]);
  const probability = explained.map((label, i) => probabilities[i * model.classes + label]!);
  return { epochs: after, predicted, probability, explained, maps, height, width };
}

function rowsOf(values: Float32Array, rows: number): Float32Array[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, i) => values.slice(i * width, (i + 1) * width));
}
