import {
  asChosen,
  type AlphaScheduler,
  type Engine,
  type Host,
  type LoadedDataset,
  type Metric,
  type ModalitySpec,
  type RandomStream,
  type RecipeConfig,
  type RunContainer,
  type UseSpec,
} from '@equimodal/core';
import { runSplits, type RunSplits } from '../data/splits.js';
import { attributedMetric } from '../evaluation/attributed-metric.js';
import { freeze, type Freezing } from '../frozen/frozen.js';
import { buildModel, makeEncoders, type Model } from '../model/model.js';
import type { WeightPlaces } from '../weights/places.js';

/** What a row with a seed is made of, before anything is trained or read back. */
export interface RunSetUp {
  readonly model: Model;
  readonly scheduler: AlphaScheduler | null;
  readonly splits: RunSplits;
  /** The modalities of the dataset that the row uses. */
  readonly modalities: readonly ModalitySpec[];
  readonly metrics: readonly Metric[];
  /** What became of frozen encoders, the weights they were given, and what a reader should know. */
  readonly freezing: Pick<Freezing, 'frozen' | 'pretrained' | 'warnings'>;
}

export interface SetUpRequest {
  readonly host: Host;
  readonly engine: Engine;
  readonly recipe: RecipeConfig;
  readonly dataset: LoadedDataset;
  readonly metrics: readonly UseSpec[];
  readonly places: WeightPlaces;
}

/** Makes the pieces of a row in the run's container, puts features in the place of what frozen encoders read, and cuts the data as its seed says. */
export async function setUpRun(container: RunContainer, request: SetUpRequest, random: RandomStream): Promise<RunSetUp> {
  const { recipe, metrics } = request;
  const { epochs, validationFraction } = recipe.training;
  const made = makeEncoders(container, recipe, request.dataset.modalities);
  const { dataset, encoders, ...freezing } = await freeze({ ...request, encoders: made, random: random.at('init') });
  const model = buildModel(container, recipe, { modalities: dataset.modalities, classes: dataset.classes.length, encoders });
  const scheduler = recipe.alpha === null ? null : container.create('alpha-scheduler', asChosen(recipe.alpha), { epochs });
  return {
    model,
    scheduler,
    splits: runSplits(dataset, { validationFraction, outer: scheduler?.outer ?? null }, random.at('split')),
    modalities: dataset.modalities.filter(({ name }) => recipe.modalities.includes(name)),
    metrics: metrics.map((spec) => attributedMetric(container, asChosen(spec))),
    freezing,
  };
}
