import type { AlphaUpdate, Split, Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import type { BilevelProblems } from '../bilevel/problem.js';
import { readBatch } from '../data/batches.js';
import type { RunProgress } from './progress.js';
import type { TrainerParts } from './trainer.js';

/** Asks the alpha scheduler for a new alpha, with batches of its own if it wants the bilevel problem. */
export async function updateAlpha(
  { scheduler, recipe, trees, splits, random, modalities }: TrainerParts,
  problems: BilevelProblems,
  { epoch, alpha }: RunProgress,
  at: { readonly step: number; readonly stepsPerEpoch: number },
): Promise<AlphaUpdate> {
  if (scheduler === null) return { alpha };
  let batches: { inner: Tree; outer: Tree } | undefined;
  if (scheduler.outer !== undefined) {
    const draw = random.at('alpha').at(epoch).at(at.step);
    const { innerBatchSize, batchSize } = scheduler.outer;
    const pick = (split: Split, size: number, name: string) =>
      readBatch(split, draw.at(name).permutation(split.size).slice(0, size).sort(), modalities);
    batches = {
      inner: await pick(splits.train, innerBatchSize, 'inner'),
      outer: await pick(splits.outer ?? splits.train, batchSize, 'outer'),
    };
  }
  const moment = { epoch, epochs: recipe.training.epochs, alpha, ...at };
  if (batches === undefined) {
    return scheduler.update(moment, () => {
      throw new Error('an alpha scheduler that asks for the bilevel problem must declare "outer"');
    });
  }
  const { params, state } = trees;
  try {
    return problems.pose({ params, state, ...batches }, (problem) => scheduler.update(moment, () => problem));
  } finally {
    for (const batch of Object.values(batches)) disposeTree(batch);
  }
}
