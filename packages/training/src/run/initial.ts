import type { Host, LoadedDataset, RandomStream, RecipeConfig, Tree, Variables } from '@equimodal/core';
import { disposeTree, prefixTree, subTree } from '@equimodal/nn';
import { PrecomputedEncoder } from '../frozen/precomputed.js';
import type { Model } from '../model/model.js';
import { learningRates, type RateOf } from './learning-rates.js';
import { pretrainedOf, type WeightPlaces } from '../weights/places.js';
import { loadPretrained, type PretrainedReport } from '../weights/pretrained.js';

/** What a run starts from. */
export interface Initial {
  readonly variables: Variables;
  /** One for each weight file that was loaded. */
  readonly reports: readonly PretrainedReport[];
  /** Factor on the learning rate by path; undefined where all are 1. */
  readonly rateOf: RateOf | undefined;
}

/** Draws the variables of a run, puts published weights in their place where the row says so, and finds their learning rates. */
export function initialVariables(
  { host, recipe, dataset, places }: { host: Host; recipe: RecipeConfig; dataset: LoadedDataset; places: WeightPlaces },
  model: Model,
  random: RandomStream,
): Initial {
  let variables = model.init(random);
  const reports: PretrainedReport[] = [];
  try {
    for (const modality of model.modalities) {
      const choice = recipe.encoders[modality]!;
      const pretrained = pretrainedOf(host, choice);
      if (pretrained === undefined || model.encoders[modality] instanceof PrecomputedEncoder) continue;
      const prefix = `encoders/${modality}`;
      const { params, state } = variables;
      const own = { params: subTree(prefix, params), state: subTree(prefix, state) };
      const loaded = loadPretrained({ modality, use: choice.use, encoder: model.encoders[modality]!, pretrained }, own, places);
      const put = (tree: Tree, part: Tree): Tree => ({ ...tree, ...prefixTree(prefix, part) });
      variables = { params: put(params, loaded.variables.params), state: put(state, loaded.variables.state) };
      reports.push(loaded.report);
    }
    const all = dataset.modalities.map(({ name }) => name);
    return { variables, reports, rateOf: learningRates(recipe, model.encoders, Object.keys(variables.params), all) };
  } catch (error) {
    disposeTree(variables.params);
    disposeTree(variables.state);
    throw error;
  }
}
