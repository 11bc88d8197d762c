import {
  EquimodalError,
  RandomStream,
  SignalBus,
  type Engine,
  type Host,
  type LoadedDataset,
  type RecipeConfig,
  type UseSpec,
} from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { hasCheckpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { QueuedControls } from '../controls/controls.js';
import { Evaluator } from '../evaluation/evaluate.js';
import { checkWithout } from './without.js';
import type { RunMetrics } from './request.js';
import type { RunFolder } from './run-folder.js';
import type { WeightPlaces } from '../weights/places.js';
import { setUpRun } from './set-up.js';

/**
 * Scores a finished run's selected parameters again, from its checkpoint; with missing modalities only the fused prediction.
 *
 * @throws EQM_RUN_MISSING without a checkpoint, EQM_CONFIG_INCOMPATIBLE where the run cannot do without a modality.
 */
export async function evaluateRun(request: {
  readonly host: Host;
  readonly engine: Engine;
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: LoadedDataset;
  readonly metrics: readonly UseSpec[];
  readonly folder: RunFolder;
  /** Modalities that are missing. */
  readonly without?: readonly string[];
  /** Where weight files of frozen encoders are looked for. Default: the current folder. */
  readonly places?: WeightPlaces;
}): Promise<RunMetrics> {
  const { host, engine, recipe, seed, folder, without = [], places = { baseDir: process.cwd() } } = request;
  if (!hasCheckpoint(folder.latest)) {
    throw new EquimodalError('EQM_RUN_MISSING', 'the run has no checkpoint', { where: folder.latest });
  }
  const { trees, meta } = readCheckpoint(folder.latest);
  const { progress } = meta as unknown as {
    progress: { epoch: number; best: { epoch: number } | null; auxiliaryPasses?: number; alphaPasses?: number };
  };
  const random = new RandomStream(seed);
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random, engine });
  try {
    const { model, splits, modalities, metrics } = await setUpRun(container, { ...request, places }, random);
    checkWithout(host, recipe, model, without);
    const evaluator = new Evaluator({ engine, model, modalities, metrics, batchSize: recipe.training.evaluationBatchSize, without });
    const params = trees['bestParams'] ?? trees['params']!;
    const state = trees['bestParams'] === undefined ? (trees['state'] ?? {}) : (trees['bestState'] ?? {});
    try {
      const train = evaluator.probes ? await evaluator.outputs(params, state, splits.train) : undefined;
      const validation = splits.validation === null ? null : await evaluator.score(params, state, splits.validation, train);
      const test = await evaluator.score(params, state, splits.test, train);
      return {
        selection: recipe.training.selection,
        epochs: progress.epoch,
        selectedEpoch: progress.best?.epoch ?? progress.epoch - 1,
        dataPassesPerEpoch: 1 + (progress.auxiliaryPasses ?? 0) / Math.max(1, progress.epoch),
        alphaPassesPerEpoch: (progress.alphaPasses ?? 0) / Math.max(1, progress.epoch),
        validation,
        test,
      };
    } finally {
      evaluator.dispose();
    }
  } finally {
    for (const tree of Object.values(trees)) disposeTree(tree);
    await container.dispose();
  }
}
