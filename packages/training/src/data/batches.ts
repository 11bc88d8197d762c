import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type BatchArrays, type ModalitySpec, type RandomStream, type Split, type Tree } from '@equimodal/core';
import { prefixTree } from '@equimodal/nn';

/** Row numbers of the batches of one pass. */
export function batchRows(size: number, batchSize: number, order?: Int32Array, dropLast = false): Int32Array[] {
  const rows = order ?? Int32Array.from({ length: size }, (_, i) => i);
  const batches: Int32Array[] = [];
  for (let at = 0; at < size; at += batchSize) {
    const batch = rows.slice(at, at + batchSize);
    if (batch.length === batchSize || !dropLast || batches.length === 0) batches.push(batch);
  }
  return batches;
}

/** Reads rows and uploads them: `labels` int32 [B] and `inputs/<modality>` [B, ...shape]. The caller disposes the tree. */
export async function readBatch(split: Split, rows: Int32Array, modalities: readonly ModalitySpec[], random?: RandomStream): Promise<Tree> {
  return uploadBatch(await readArrays(split, rows, modalities, random), split, rows, modalities);
}

async function readArrays(
  split: Split,
  rows: Int32Array,
  modalities: readonly ModalitySpec[],
  random: RandomStream | undefined,
): Promise<BatchArrays> {
  return split.read(
    rows,
    random,
    modalities.map(({ name }) => name),
  );
}

/** One batch of a pass. */
export interface PassBatch {
  /** Place in the pass. */
  readonly step: number;
  readonly rows: Int32Array;
  /** As `readBatch` gives it; the receiver disposes it. */
  readonly batch: Tree;
}

/**
 * The batches of a pass, in order. Of a split that reads ahead the next batch is being read while the receiver works on the
 * current one; what is read is the same either way, and a failure is thrown when its batch is asked for.
 *
 * @param from place of the first batch that is wanted.
 * @param randomAt the stream of a batch, in training passes.
 */
export async function* readPass(
  split: Split,
  batches: readonly Int32Array[],
  modalities: readonly ModalitySpec[],
  { from = 0, randomAt }: { readonly from?: number; readonly randomAt?: (step: number) => RandomStream } = {},
): AsyncGenerator<PassBatch, void, void> {
  const start = (step: number): Promise<BatchArrays> => {
    const arrays = readArrays(split, batches[step]!, modalities, randomAt?.(step));
    // A pass may end before it asks for this batch.
    arrays.catch(() => {});
    return arrays;
  };
  let next: Promise<BatchArrays> | undefined;
  for (let step = from; step < batches.length; step++) {
    const arrays = await (next ?? start(step));
    next = split.readsAhead === true && step + 1 < batches.length ? start(step + 1) : undefined;
    yield { step, rows: batches[step]!, batch: uploadBatch(arrays, split, batches[step]!, modalities) };
  }
}

function uploadBatch(arrays: BatchArrays, split: Split, rows: Int32Array, modalities: readonly ModalitySpec[]): Tree {
  const inputs = Object.fromEntries(
    modalities.map(({ name, shape }) => {
      const values = arrays[name];
      const size = rows.length * shape.reduce((a, b) => a * b, 1);
      if (values === undefined || values.length !== size) {
        throw new EquimodalError(
          'EQM_PLUGIN_FAULT',
          `the dataset gave ${values === undefined ? 'nothing' : `${values.length} values`} for modality "${name}"; ${rows.length} rows of [${shape.join(', ')}] are ${size}`,
          { where: `dataset, modality "${name}"` },
        );
      }
      return [name, tf.tensor(values, [rows.length, ...shape], values instanceof Int32Array ? 'int32' : 'float32')];
    }),
  );
  const labels = tf.tensor1d(
    rows.map((row) => split.labels[row]!),
    'int32',
  );
  return { labels, ...prefixTree('inputs', inputs) };
}
