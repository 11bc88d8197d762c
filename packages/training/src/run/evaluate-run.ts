import {
  asChosen,
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
import { runSplits } from '../data/splits.js';
import { Evaluator } from '../evaluation/evaluate.js';
import { buildModel } from '../model/model.js';
import type { RunMetrics } from './run.js';
import type { RunFolder } from './run-folder.js';

/** Scores a finished run's selected parameters again, from its checkpoint. */
export async function evaluateRun(request: {
  readonly host: Host;
  readonly engine: Engine;
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: LoadedDataset;
  readonly metrics: readonly UseSpec[];
  readonly folder: RunFolder;
}): Promise<RunMetrics> {
  const { host, engine, recipe, seed, dataset, folder } = request;
  if (!hasCheckpoint(folder.latest)) {
    throw new EquimodalError('EQM_RUN_MISSING', 'the run has no checkpoint', { where: folder.latest });
  }
  const { trees, meta } = readCheckpoint(folder.latest);
  const { progress } = meta as unknown as { progress: { epoch: number; best: { epoch: number } | null } };
  const random = new RandomStream(seed);
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random, engine });
  const model = buildModel(container, recipe, { modalities: dataset.modalities, classes: dataset.classes.length });
  const scheduler =
    recipe.alpha === null ? null : container.create('alpha-scheduler', asChosen(recipe.alpha), { epochs: recipe.training.epochs });
  const splits = runSplits(
    dataset,
    {
      validationFraction: recipe.training.validationFraction,
      outerFraction: scheduler?.outer?.from === 'held-out' ? scheduler.outer.fraction : null,
    },
    random.at('split'),
  );
  const modalities = dataset.modalities.filter(({ name }) => recipe.modalities.includes(name));
  const metrics = request.metrics.map((spec) => container.create('metric', asChosen(spec), {}));
  const evaluator = new Evaluator({ engine, model, modalities, metrics, batchSize: recipe.training.evaluationBatchSize });
  const params = trees['bestParams'] ?? trees['params']!;
  const state = trees['bestParams'] === undefined ? (trees['state'] ?? {}) : (trees['bestState'] ?? {});
  try {
    const validation = splits.validation === null ? null : await evaluator.score(params, state, splits.validation);
    const test = await evaluator.score(params, state, splits.test);
    return {
      selection: recipe.training.selection,
      epochs: progress.epoch,
      selectedEpoch: progress.best?.epoch ?? progress.epoch - 1,
      validation,
      test,
    };
  } finally {
    evaluator.dispose();
    for (const tree of Object.values(trees)) disposeTree(tree);
    await container.dispose();
  }
}
