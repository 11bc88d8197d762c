import { builtInHost } from '@equimodal/cli';
import { loadDataset } from '@equimodal/comparison';
import {
  ConfigSource,
  CONTRACT_VERSION,
  definePlugin,
  resolveExperiment,
  type AnyPiece,
  type Engine,
  type Experiment,
  type Host,
  type LoadedDataset,
  type Plugin,
} from '@equimodal/core';
import { selectEngine } from '@equimodal/engine';

/** An experiment: what an experiment file holds, as a value, or the path of such a file. */
export type ExperimentInput = string | Readonly<Record<string, unknown>>;

/** What `train` and `compare` take beside the experiment. */
export interface OpenOptions {
  /** Plugins beside the built-in ones and those that the experiment names. */
  readonly plugins?: readonly Plugin[];
  readonly pieces?: readonly AnyPiece[];
  /** Rows or recipes to keep; recipes that the experiment does not list are added. */
  readonly recipes?: readonly string[];
  readonly seeds?: readonly number[];
  /** Changes of the experiment, as `--set` takes them: `training.epochs=5`. */
  readonly set?: readonly string[];
  /** Folder of the datasets. Default: EQUIMODAL_DATA. */
  readonly dataRoot?: string;
  /** A started engine. Default: the best usable one, started once per process. */
  readonly engine?: Engine;
}

/** An experiment that was checked, with its data read and an engine started. */
export interface OpenExperiment {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly dataset: LoadedDataset;
  readonly engine: Engine;
  readonly dataRoot: string | undefined;
}

let started: Promise<Engine> | undefined;

/** The engine of this process: one, however many runs there are. A failed start is tried again. */
function engineOfProcess(): Promise<Engine> {
  started ??= selectEngine().then(({ engine }) => engine);
  started.catch(() => (started = undefined));
  return started;
}

/**
 * Checks an experiment, then reads its data and starts an engine.
 *
 * @throws EquimodalError EQM_CONFIG_* with one problem per mistake, before any data is read; EQM_PLUGIN_*, EQM_DATA_*, EQM_ENGINE_*.
 */
export async function openExperiment(input: ExperimentInput, options: OpenOptions = {}): Promise<OpenExperiment> {
  const { plugins = [], pieces = [], recipes, seeds, set = [], dataRoot = process.env['EQUIMODAL_DATA'] || undefined } = options;
  const host = builtInHost();
  for (const plugin of plugins) host.add(plugin);
  if (pieces.length > 0) host.add(pluginOf(pieces));
  const source = typeof input === 'string' ? ConfigSource.read(input, set) : ConfigSource.of(input, { overrides: set });
  const experiment = await resolveExperiment(host, source, {
    ...(recipes === undefined ? {} : { recipes }),
    ...(seeds === undefined ? {} : { seeds }),
  });
  const dataset = await loadDataset(host, experiment, dataRoot);
  return { host, experiment, dataset, engine: options.engine ?? (await engineOfProcess()), dataRoot };
}

/** Pieces that were handed over as they are. */
function pluginOf(pieces: readonly AnyPiece[]): Plugin {
  return definePlugin({ name: 'pieces of the program', contractVersion: CONTRACT_VERSION, provides: pieces });
}
