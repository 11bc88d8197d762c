import type { AlphaUpdate, OuterData, RandomStream, Split, Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import type { BilevelProblems } from '../bilevel/problem.js';
import { readBatch } from '../data/batches.js';
import type { RunProgress } from './progress.js';
import type { TrainerParts } from './trainer.js';

/** Asks the alpha scheduler for a new alpha, with batches of its own if it wants the bilevel problem. */
export async function updateAlpha(
  { scheduler, recipe, trees, splits, random, modalities }: TrainerParts,
  problems: BilevelProblems,
  { epoch, alpha, controls: { lossWeights } }: RunProgress,
  at: { readonly step: number; readonly stepsPerEpoch: number },
): Promise<AlphaUpdate> {
  if (scheduler === null) return { alpha };
  let batches: { inner: Tree; outer: Tree } | undefined;
  if (scheduler.outer !== undefined) {
    const stream = random.at('alpha');
    const draw = scheduler.outer.fixed === true ? stream : stream.at(epoch).at(at.step);
    batches = await readBatches(scheduler.outer, { inner: splits.train, outer: splits.outer ?? splits.train }, modalities, draw);
  }
  const moment = { epoch, epochs: recipe.training.epochs, alpha, ...at };
  if (batches === undefined) {
    return scheduler.update(moment, () => {
      throw new Error('an alpha scheduler that asks for the bilevel problem must declare "outer"');
    });
  }
  const { params, state } = trees;
  try {
    const outerLoss = scheduler.outer?.loss ?? 'classification';
    return problems.pose({ params, state, ...batches, outerLoss, epoch, lossWeights }, (problem) =>
      scheduler.update(moment, () => problem),
    );
  } finally {
    for (const batch of Object.values(batches)) disposeTree(batch);
  }
}

async function readBatches(
  { batchSize, innerBatchSize, inner = 'train' }: OuterData,
  splits: { readonly inner: Split; readonly outer: Split },
  modalities: TrainerParts['modalities'],
  random: RandomStream,
): Promise<{ inner: Tree; outer: Tree }> {
  const pick = (split: Split, size: number, name: string) =>
    readBatch(split, random.at(name).permutation(split.size).slice(0, size).sort(), modalities);
  return {
    inner: inner === 'outer' ? await pick(splits.outer, batchSize, 'outer') : await pick(splits.inner, innerBatchSize, 'inner'),
    outer: await pick(splits.outer, batchSize, 'outer'),
  };
}
