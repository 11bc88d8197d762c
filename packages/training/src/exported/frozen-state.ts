import type { Host, RecipeConfig, Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { pretrainedOf, type WeightPlaces } from '../weights/places.js';
import { loadPretrained } from '../weights/pretrained.js';

/**
 * What the state of a run lacks to apply its frozen encoders, whose features were computed before training: drawn from the seed as
 * they were then, or read from the weight file whose SHA-256 the run keeps. Empty where nothing is missing.
 *
 * @param fresh the state a model with the seed begins with; left as it is
 * @throws EQM_WEIGHTS_MISSING, EQM_WEIGHTS_MALFORMED, EQM_WEIGHTS_MISMATCH
 */
export function frozenState(
  {
    host,
    recipe,
    model,
    places,
  }: { readonly host: Host; readonly recipe: RecipeConfig; readonly model: Model; readonly places: WeightPlaces },
  stored: Tree,
  fresh: Tree,
): Tree {
  const missing: Record<string, Tree[string]> = {};
  try {
    for (const modality of model.modalities) {
      const encoder = model.encoders[modality]!;
      if (encoder.frozen === undefined) continue;
      const prefix = `encoders/${modality}/`;
      const paths = Object.keys(fresh).filter((path) => path.startsWith(prefix));
      if (paths.every((path) => stored[path] !== undefined)) continue;
      let state: Tree = Object.fromEntries(paths.map((path) => [path.slice(prefix.length), fresh[path]!.clone()]));
      const choice = recipe.encoders[modality]!;
      const pretrained = pretrainedOf(host, choice);
      if (pretrained !== undefined) {
        try {
          state = loadPretrained({ modality, use: choice.use, encoder, pretrained }, { params: {}, state }, places).variables.state;
        } catch (error) {
          disposeTree(state);
          throw error;
        }
      }
      for (const [path, leaf] of Object.entries(state)) missing[prefix + path] = leaf;
    }
    return missing;
  } catch (error) {
    disposeTree(missing);
    throw error;
  }
}
