import { EquimodalError, RandomStream, SignalBus, type Json, type RecipeConfig, type Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { hasCheckpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { QueuedControls } from '../controls/controls.js';
import type { WeightPlaces } from '../weights/places.js';
import type { RunFolder } from './run-folder.js';
import { setUpRun, type RunSetUp, type SetUpRequest } from './set-up.js';

/** A run that was trained before, its pieces and its data. */
export interface StoredRunRequest extends Omit<SetUpRequest, 'places'> {
  readonly seed: number;
  readonly folder: RunFolder;
  /** Where weight files of frozen encoders are looked for. Default: the current folder. */
  readonly places?: WeightPlaces;
}

/** Sets a stored run up again, as it was set up to train, for as long as `use` works. */
export async function withStoredRun<T>(request: StoredRunRequest, use: (run: RunSetUp) => Promise<T>): Promise<T> {
  const { host, engine, seed, places = { baseDir: process.cwd() } } = request;
  const random = new RandomStream(seed);
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random, engine });
  try {
    return await use(await setUpRun(container, { ...request, places }, random));
  } finally {
    await container.dispose();
  }
}

/** Parameters of a stored run. Dispose them. */
export interface StoredParameters {
  readonly params: Tree;
  readonly state: Tree;
  /** JSON of the checkpoint. */
  readonly meta: Json;
  dispose(): void;
}

/**
 * The selected parameters of a run, or those after a number of epochs that `training.keepEpochs` kept.
 *
 * @throws EQM_RUN_MISSING where the run has no such checkpoint.
 */
export function readParameters(folder: RunFolder, recipe: RecipeConfig, epochs?: number): StoredParameters {
  const file = epochs === undefined ? folder.latest : folder.kept(epochs);
  if (!hasCheckpoint(file)) {
    if (epochs === undefined) throw new EquimodalError('EQM_RUN_MISSING', 'the run has no checkpoint', { where: file });
    const kept = recipe.training.keepEpochs ?? [];
    throw new EquimodalError('EQM_RUN_MISSING', `the run kept no parameters after ${epochs} epochs`, {
      where: file,
      fix:
        kept.length > 0
          ? `It was to keep ${kept.join(', ')}.`
          : `Train it with training.keepEpochs: [${epochs}] in the experiment; 0 is before the first step.`,
    });
  }
  const { trees, meta } = readCheckpoint(file);
  const best = trees['bestParams'] !== undefined;
  const params = trees[best ? 'bestParams' : 'params'] ?? {};
  const state = trees[best ? 'bestState' : 'state'] ?? {};
  return {
    params,
    state,
    meta,
    dispose() {
      for (const tree of Object.values(trees)) disposeTree(tree);
    },
  };
}
