import type { WeightName } from '@equimodal/core';
import { towerNames } from '../clip/names.js';
import { linearNames, normNames, tableNames } from '../names/names.js';

/** Where the variables of the text tower stand in a weight file of Hugging Face's `CLIPModel`. */
export function names({ depth }: { readonly depth: number }): readonly WeightName[] {
  return [
    ...tableNames('embeddings/word', 'text_model.embeddings.token_embedding'),
    ...tableNames('embeddings/position', 'text_model.embeddings.position_embedding'),
    ...towerNames(depth, 'text_model'),
    ...normNames('norm', 'text_model.final_layer_norm'),
    ...linearNames('projection', 'text_projection', false),
  ];
}
