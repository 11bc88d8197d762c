import {
  EquimodalError,
  hashKey,
  type Bundle,
  type Json,
  type LoadedDataset,
  type RecipeConfig,
  type Tree,
  type UseSpec,
} from '@equimodal/core';
import { disposeTree, mapTree } from '@equimodal/nn';
import type { RunProgress } from './progress.js';

/** What makes a run that run. */
export interface RunIdentity {
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: LoadedDataset;
  readonly metrics: readonly UseSpec[];
}

/** The JSON of a checkpoint. */
export interface SavedMeta {
  readonly config: number;
  readonly progress: RunProgress;
  readonly rate: Json;
  readonly scheduler: Json;
  readonly methods: Readonly<Record<string, Json>>;
  readonly observers: Readonly<Record<string, Json>>;
  readonly nextSignal: number;
  /** Wall time spent so far; absent in checkpoints of older versions. */
  readonly seconds?: number;
}

/** Identifies what is trained on what: two runs with the same hash are the same run. */
export function configHash(request: RunIdentity): number {
  const { recipe, seed, dataset, metrics } = request;
  return hashKey(JSON.stringify([recipe, seed, dataset.fingerprint, metrics]));
}

/** Asserts that a checkpoint holds the model's parameters, by path and shape. */
export function checkShapes(saved: Tree, live: Tree, file: string): void {
  mapTree(live, (leaf, path) => {
    const other = saved[path];
    if (other === undefined || other.shape.join() !== leaf.shape.join()) {
      throw new EquimodalError(
        'EQM_CHECKPOINT_MISMATCH',
        `the model has "${path}" [${leaf.shape.join(', ')}]; the checkpoint has ${other === undefined ? 'no such tensor' : `[${other.shape.join(', ')}]`}`,
        { where: file },
      );
    }
    return leaf;
  });
}

/** Disposes every leaf of a bundle. */
export function disposeAll(trees: Bundle): void {
  for (const tree of Object.values(trees)) disposeTree(tree);
}
