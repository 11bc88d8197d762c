import * as tf from '@tensorflow/tfjs-core';
import type { EpochStartContext } from '@equimodal/core';
import { disposeTree, openScope } from '@equimodal/nn';
import { batchRows, readBatch } from '../data/batches.js';
import { partOf } from '../step/flat.js';
import type { TrainerParts } from './trainer.js';

type Pass = EpochStartContext['pass'];

/** Visits a split in order with features and read-outs in evaluation mode; tensors live until the visit ends. */
export async function auxiliaryPass(parts: TrainerParts, which: Parameters<Pass>[0], visit: Parameters<Pass>[1]): Promise<void> {
  const { splits, model, trees, modalities, recipe } = parts;
  const split = which === 'train' ? splits.train : splits.validation;
  if (split === null) return;
  for (const rows of batchRows(split.size, recipe.training.evaluationBatchSize)) {
    const batch = await readBatch(split, rows, modalities);
    tf.tidy(() => {
      const { scope } = openScope({ params: trees.params, state: trees.state, training: false });
      const features = model.encode(scope, partOf(batch, 'inputs'));
      visit({ labels: rows.map((row) => split.labels[row]!), features, fused: model.fuse(scope, features) });
    });
    disposeTree(batch);
  }
}
