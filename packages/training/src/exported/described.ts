import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError, type ModalitySpec, type RecipeConfig, type Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { hasCheckpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { readJson, RunFolder } from '../run/run-folder.js';

export const MODEL_FORMAT = 'equimodal-model-1';

/** What a trained model is: everything that is needed to build it again and to say what it is. Plain JSON: `model.json` of an export. */
export interface ModelDescription {
  readonly format: typeof MODEL_FORMAT;
  readonly experiment: { readonly name: string; readonly baseDir: string; readonly plugins: readonly string[] };
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly modalities: readonly ModalitySpec[];
  readonly classes: readonly string[];
  readonly dataset: { readonly options: Readonly<Record<string, unknown>>; readonly fingerprint: string };
  readonly parameters: number;
  readonly versions: Readonly<Record<string, unknown>>;
  readonly commit: string | null;
  /** `metrics.json` of the run. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** A description and the selected parameters. Dispose it. */
export interface StoredModel {
  readonly description: ModelDescription;
  readonly params: Tree;
  readonly state: Tree;
  dispose(): void;
}

/** Files of an exported model. */
export const exportFiles = (dir: string) => ({
  description: join(dir, 'model.json'),
  weights: join(dir, 'model.safetensors'),
  card: join(dir, 'README.md'),
});

interface Manifest {
  readonly experiment: ModelDescription['experiment'];
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: ModelDescription['dataset'] & { readonly classes: readonly string[]; readonly modalities: readonly ModalitySpec[] };
  readonly parameters?: number;
  readonly versions: ModelDescription['versions'];
  readonly commit: string | null;
}

/** What a finished run trained. @throws EQM_RUN_MISSING for a folder without a finished run. */
function describeRun(folder: RunFolder): ModelDescription {
  const { experiment, recipe, seed, dataset, parameters = 0, versions, commit } = folder.readManifest() as unknown as Manifest;
  if (recipe === undefined || dataset?.modalities === undefined) {
    throw new EquimodalError('EQM_RUN_MISSING', 'run.json does not describe a run', { where: folder.manifest });
  }
  const { name, baseDir, plugins } = experiment;
  const modalities = dataset.modalities.filter((spec) => recipe.modalities.includes(spec.name));
  const { options, fingerprint, classes } = dataset;
  const metrics = readJson(folder.metrics, 'EQM_RUN_MISSING');
  const about = { recipe, seed, modalities, classes, dataset: { options, fingerprint }, parameters, versions, commit, metrics };
  return { format: MODEL_FORMAT, experiment: { name, baseDir, plugins }, ...about };
}

/**
 * What the folder of an export, or of a finished run, holds; its weights are not read.
 *
 * @throws EQM_RUN_MISSING for another folder.
 */
export function describeModel(dir: string): ModelDescription {
  const { description } = exportFiles(dir);
  if (!existsSync(description)) {
    const folder = new RunFolder(dir);
    if (folder.exists()) return describeRun(folder);
    throw new EquimodalError('EQM_RUN_MISSING', 'the folder holds neither a run (run.json) nor an exported model (model.json)', {
      where: dir,
    });
  }
  const read = readJson(description, 'EQM_RUN_MISSING') as unknown as ModelDescription;
  if (read.format === MODEL_FORMAT) return read;
  throw new EquimodalError('EQM_RUN_MISSING', `model.json is of format ${String(read.format)}; this reads ${MODEL_FORMAT}`, {
    where: description,
  });
}

/**
 * Reads a model from the folder of an export, or of a finished run: then the selected parameters of its checkpoint.
 *
 * @throws EQM_RUN_MISSING for another folder, EQM_CHECKPOINT_CORRUPT for damaged weights.
 */
export function readModel(dir: string): StoredModel {
  const description = describeModel(dir);
  const files = exportFiles(dir);
  const file = existsSync(files.description) ? files.weights : new RunFolder(dir).latest;
  if (!hasCheckpoint(file)) throw new EquimodalError('EQM_RUN_MISSING', 'the weights are missing', { where: file });
  const { trees } = readCheckpoint(file);
  const chosen = trees['bestParams'] === undefined ? ['params', 'state'] : ['bestParams', 'bestState'];
  const [params = {}, state = {}] = chosen.map((name) => trees[name]);
  for (const [name, tree] of Object.entries(trees)) if (!chosen.includes(name)) disposeTree(tree);
  return storedModel(description, params, state);
}

/** A description with parameters and state, which it owns from then on. */
export function storedModel(description: ModelDescription, params: Tree, state: Tree): StoredModel {
  return {
    description,
    params,
    state,
    dispose() {
      disposeTree(params);
      disposeTree(state);
    },
  };
}
