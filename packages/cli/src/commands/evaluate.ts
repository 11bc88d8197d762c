import { loadDataset } from '@equimodal/comparison';
import { EquimodalError, loadPlugin, type DatasetChoice, type RecipeConfig, type UseSpec } from '@equimodal/core';
import { evaluateRun, RunFolder } from '@equimodal/training';
import type { Command } from 'commander';
import { builtInHost } from '../host.js';
import { dataRootOf, names, withEngineFlags } from '../options.js';
import { print, printJson } from '../output/print.js';
import { startEngine } from '../session.js';
import { formatMetrics } from './train.js';

interface EvaluateFlags {
  readonly engine?: string;
  readonly threads?: number;
  readonly dataRoot?: string;
  readonly without?: readonly string[];
  readonly json?: boolean;
  readonly debug?: boolean;
}

interface Manifest {
  readonly experiment: { readonly baseDir: string; readonly plugins: readonly string[] };
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: { readonly options: DatasetChoice; readonly fingerprint: string };
  readonly metrics: readonly UseSpec[];
}

/** `equimodal evaluate RUN_DIR`: scores a run's selected parameters again. */
export function evaluateCommand(program: Command): void {
  withEngineFlags(program.command('evaluate <run-dir>').description('score the selected checkpoint of a run folder again'))
    .option('--without <modalities>', 'missing modalities, separated by commas: score what the others say together', names)
    .action(async (dir: string, flags: EvaluateFlags) => {
      const folder = new RunFolder(dir);
      const manifest = folder.readManifest() as unknown as Manifest;
      if (manifest.recipe === undefined || manifest.dataset === undefined) {
        throw new EquimodalError('EQM_RUN_MISSING', 'run.json does not describe a run', { where: folder.manifest });
      }
      const host = builtInHost();
      for (const plugin of manifest.experiment.plugins) host.add(await loadPlugin(plugin, manifest.experiment.baseDir), plugin);
      const engine = await startEngine(host, flags);
      const dataset = await loadDataset(
        host,
        { dataset: manifest.dataset.options, baseDir: manifest.experiment.baseDir },
        dataRootOf(flags),
      );
      if (dataset.fingerprint !== manifest.dataset.fingerprint) {
        throw new EquimodalError(
          'EQM_CHECKPOINT_MISMATCH',
          'the data are not the data the run was trained on (their fingerprints differ)',
          { where: folder.manifest, fix: 'Point --data-root at the same data.' },
        );
      }
      const { recipe, seed, metrics } = manifest;
      const places = { baseDir: manifest.experiment.baseDir, dataRoot: dataRootOf(flags) };
      const result = await evaluateRun({ host, engine, recipe, seed, dataset, metrics, folder, places, without: flags.without ?? [] });
      if (flags.json === true) printJson(result);
      else print(`${recipe.id}, seed ${seed}${without(flags.without)}\n${formatMetrics(result)}`);
    });
}

const without = (modalities: readonly string[] | undefined): string =>
  modalities === undefined ? '' : `, without ${modalities.join(', ')}`;
