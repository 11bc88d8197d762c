import { loadDataset } from '@equimodal/comparison';
import { EquimodalError, type DatasetChoice, type RecipeConfig, type UseSpec } from '@equimodal/core';
import { RunFolder, type StoredRunRequest } from '@equimodal/training';
import { hostWithPlugins } from './host.js';
import { dataRootOf } from './options.js';
import { startEngine } from './session.js';

interface Manifest {
  readonly experiment: { readonly baseDir: string; readonly plugins: readonly string[] };
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: { readonly options: DatasetChoice; readonly fingerprint: string };
  readonly metrics: readonly UseSpec[];
}

/** Flags of commands that work on a stored run. */
export interface StoredRunFlags {
  readonly engine?: string;
  readonly threads?: number;
  readonly dataRoot?: string;
  readonly debug?: boolean;
}

/**
 * Opens a run folder: its plugins, an engine, and the data it was trained on.
 *
 * @throws EQM_RUN_MISSING for another folder, EQM_CHECKPOINT_MISMATCH for other data.
 */
export async function openStoredRun(dir: string, flags: StoredRunFlags): Promise<StoredRunRequest & { readonly seed: number }> {
  const folder = new RunFolder(dir);
  const manifest = folder.readManifest() as unknown as Manifest;
  if (manifest.recipe === undefined || manifest.dataset === undefined) {
    throw new EquimodalError('EQM_RUN_MISSING', 'run.json does not describe a run', { where: folder.manifest });
  }
  const { recipe, seed, metrics, experiment } = manifest;
  const host = await hostWithPlugins(experiment);
  const engine = await startEngine(host, flags);
  const places = { baseDir: experiment.baseDir, dataRoot: dataRootOf(flags) };
  const dataset = await loadDataset(host, { dataset: manifest.dataset.options, baseDir: places.baseDir }, places.dataRoot);
  if (dataset.fingerprint !== manifest.dataset.fingerprint) {
    throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the data are not the data the run was trained on (their fingerprints differ)', {
      where: folder.manifest,
      fix: 'Point --data-root at the same data.',
    });
  }
  return { host, engine, recipe, seed, dataset, metrics, folder, places };
}
