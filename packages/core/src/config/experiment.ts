import { basename } from 'node:path';
import { z } from 'zod';
import { EquimodalError } from '../errors/errors.js';
import type { Host } from '../plugin/host.js';
import { loadPlugin } from '../plugin/load.js';
import { RandomStream } from '../random/random.js';
import type { SweepInput } from '../sweep/schema.js';
import { overridesOf, planSweep, type Sweep } from '../sweep/sweep.js';
import { suggestion } from '../text/suggest.js';
import { checkRecipe } from './compatibility.js';
import { datasetChosen, type DatasetChoice } from './dataset.js';
import type { EncoderChoice } from './encoder.js';
import { Problems } from './problems.js';
import { expandRecipes, type ExpandedRow } from './recipes.js';
import { experimentSchema, trainingSchema, type TrainingConfig } from './schema.js';
import type { ConfigSource } from './source.js';
import { chooseIn, type UseSpec } from './use.js';

/** One row of the table, with every choice and option spelled out. Plain JSON. */
export interface RecipeConfig {
  /** Name of the row, e.g. `unimodal/image`. */
  readonly id: string;
  /** The recipe it comes from, e.g. `unimodal`. */
  readonly recipe: string;
  readonly description: string;
  readonly modalities: readonly string[];
  readonly encoders: Readonly<Record<string, EncoderChoice>>;
  readonly fusion: UseSpec;
  readonly losses: readonly LossChoice[];
  readonly alignment: AlignmentChoice | null;
  readonly alpha: UseSpec | null;
  readonly methods: readonly UseSpec[];
  readonly training: TrainingConfig;
}

export interface LossChoice extends UseSpec {
  /** The fused prediction, or every modality's own read-out. */
  readonly on: 'fused' | 'unimodal';
  readonly weight: number;
}

export interface AlignmentChoice extends UseSpec {
  /** Factor on the loss, before alpha weighs it against classification. */
  readonly weight: number;
}

/** A checked experiment: a dataset, rows and seeds. */
export interface Experiment {
  readonly name: string;
  readonly description: string;
  readonly file: string | null;
  readonly baseDir: string;
  readonly plugins: readonly string[];
  readonly dataset: DatasetChoice;
  readonly recipes: readonly RecipeConfig[];
  readonly seeds: readonly number[];
  readonly metrics: readonly UseSpec[];
  readonly observers: readonly UseSpec[];
  readonly reference: string | null;
  /** Published figure or table that the rows make again. */
  readonly figure: string | null;
  /** Settings that are chosen on validation before the comparison. */
  readonly sweep: Sweep | null;
}

/** Choices from outside the file. */
export interface ExperimentChoices {
  /** Rows or recipes to keep; recipes that the file does not list are added. */
  readonly recipes?: readonly string[];
  readonly seeds?: readonly number[];
}

/**
 * Checks an experiment against the loaded plugins: unknown ids, wrong options and impossible
 * combinations are all found here, before any data is read.
 *
 * @throws EquimodalError with one problem per mistake: file, line, path and what to do.
 */
export async function resolveExperiment(host: Host, source: ConfigSource, choices: ExperimentChoices = {}): Promise<Experiment> {
  const problems = new Problems(source);
  const name = source.file === undefined ? 'the experiment' : basename(source.file);
  const input = problems.parse(experimentSchema, source.value, []);
  if (input === undefined) {
    problems.throwIfAny(name);
    throw new EquimodalError('EQM_INTERNAL', 'a schema refused a config without an issue');
  }
  for (const [i, plugin] of input.plugins.entries()) {
    host.add(await loadPlugin(plugin, source.baseDir), `${source.locate(['plugins', i])}`);
  }

  const dataset = chooseIn(host, problems, 'dataset', input.dataset, ['dataset']);
  problems.parse(trainingSchema, input.training, ['training']);
  const chosenMetrics = input.metrics === 'all' ? host.ids('metric') : input.metrics;
  const metrics = chosenMetrics.map((use, i) => chooseIn(host, problems, 'metric', use, ['metrics', i]));
  const observers = input.observers.map((use, i) => chooseIn(host, problems, 'observer', use, ['observers', i]));
  problems.throwIfAny(name);

  const modalities = host.create('dataset', datasetChosen(dataset!), {
    dataRoot: undefined,
    requireDataRoot: () => '',
    baseDir: source.baseDir,
    random: new RandomStream(0, 'config-check'),
  }).modalities;
  const known = modalities.map((modality) => modality.name);
  for (const modality of Object.keys(input.encoders)) {
    if (modality !== 'default' && !known.includes(modality)) {
      problems.add(['encoders', modality], `the dataset has no modality "${modality}"; ${suggestion(modality, known)}`);
    }
  }
  const recipes = expandRecipes({ host, problems, input, choices, modalities: known, trainingInput: input.training });
  problems.throwIfAny(name);
  for (const { config, path } of recipes) checkRecipe(host, problems, config, modalities, path);

  const ids = recipes.map(({ config }) => config.id);
  for (const [i, id] of ids.entries()) {
    if (ids.indexOf(id) !== i) problems.add(recipes[i]!.path, `the row "${id}" is there twice; give one of them another name with "as"`);
  }
  const reference = input.reference ?? null;
  if (reference !== null && choices.recipes === undefined && !ids.includes(reference)) {
    problems.add(['reference'], `there is no row "${reference}"; ${suggestion(reference, ids)}`);
  }
  problems.throwIfAny(name);
  const seeds = choices.seeds ?? input.seeds;
  const sweep =
    input.sweep === undefined
      ? null
      : sweepOf(problems, input.sweep, recipes, seeds, (row, config) => checkRecipe(host, problems, config, modalities, row.path));
  problems.throwIfAny(name);
  return {
    name: input.name ?? (source.file === undefined ? 'experiment' : basename(source.file).replace(/\.(ya?ml|json)$/, '')),
    description: input.description,
    file: source.file ?? null,
    baseDir: source.baseDir,
    plugins: input.plugins,
    dataset: dataset!,
    recipes: recipes.map(({ config }) => config),
    seeds,
    metrics: metrics as UseSpec[],
    observers: observers as UseSpec[],
    reference: reference !== null && ids.includes(reference) ? reference : null,
    figure: input.figure ?? null,
    sweep,
  };
}

function sweepOf(
  problems: Problems,
  input: SweepInput,
  rows: readonly ExpandedRow[],
  seeds: readonly number[],
  check: (row: ExpandedRow, config: RecipeConfig) => void,
): Sweep {
  return planSweep(
    problems,
    input,
    rows.map(({ config }) => config),
    seeds,
    (id, point) => {
      const row = rows.find(({ config }) => config.id === id)!;
      const config = row.changed(overridesOf(point));
      if (config !== undefined) check(row, config);
      return config;
    },
  );
}

/** JSON Schema of the options of a piece, for editors and `equimodal list --json`. */
export function optionsJsonSchema(options: z.ZodObject): unknown {
  return z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
}

/** A chosen piece in the form factories take. */
export function asChosen(spec: UseSpec): { use: string; options: Record<string, unknown> } {
  const { use, ...options } = spec;
  return { use, options };
}
