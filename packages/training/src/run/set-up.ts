import {
  asChosen,
  type AlphaScheduler,
  type LoadedDataset,
  type Metric,
  type ModalitySpec,
  type RandomStream,
  type RecipeConfig,
  type RunContainer,
  type UseSpec,
} from '@equimodal/core';
import { runSplits, type RunSplits } from '../data/splits.js';
import { buildModel, type Model } from '../model/model.js';

/** What a row with a seed is made of, before anything is trained or read back. */
export interface RunSetUp {
  readonly model: Model;
  readonly scheduler: AlphaScheduler | null;
  readonly splits: RunSplits;
  /** The modalities of the dataset that the row uses. */
  readonly modalities: readonly ModalitySpec[];
  readonly metrics: readonly Metric[];
}

/** Makes the pieces of a row in the run's container, and cuts the data as its seed says. */
export function setUpRun(
  container: RunContainer,
  request: { readonly recipe: RecipeConfig; readonly dataset: LoadedDataset; readonly metrics: readonly UseSpec[] },
  random: RandomStream,
): RunSetUp {
  const { recipe, dataset, metrics } = request;
  const { epochs, validationFraction } = recipe.training;
  const model = buildModel(container, recipe, { modalities: dataset.modalities, classes: dataset.classes.length });
  const scheduler = recipe.alpha === null ? null : container.create('alpha-scheduler', asChosen(recipe.alpha), { epochs });
  const outerFraction = scheduler?.outer?.from === 'held-out' ? scheduler.outer.fraction : null;
  return {
    model,
    scheduler,
    splits: runSplits(dataset, { validationFraction, outerFraction }, random.at('split')),
    modalities: dataset.modalities.filter(({ name }) => recipe.modalities.includes(name)),
    metrics: metrics.map((spec): Metric => container.create('metric', asChosen(spec), {})),
  };
}
