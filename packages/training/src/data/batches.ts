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
  const arrays = await split.read(rows, random);
  return uploadBatch(arrays, split, rows, modalities);
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
