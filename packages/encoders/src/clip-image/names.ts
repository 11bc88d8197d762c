import type { WeightName } from '@equimodal/core';
import { towerNames } from '../clip/names.js';
import { linearNames, normNames, tableNames } from '../names/names.js';

/** Where the variables of the image tower stand in a weight file of Hugging Face's `CLIPModel` (its spelling, too). */
export function names({ depth }: { readonly depth: number }): readonly WeightName[] {
  return [
    { path: 'embeddings/class/vector', tensor: 'vision_model.embeddings.class_embedding', layout: 'as-is' },
    { path: 'embeddings/patch/kernel', tensor: 'vision_model.embeddings.patch_embedding.weight', layout: 'conv2d' },
    ...tableNames('embeddings/position', 'vision_model.embeddings.position_embedding'),
    ...normNames('norm1', 'vision_model.pre_layrnorm'),
    ...towerNames(depth, 'vision_model'),
    ...normNames('norm2', 'vision_model.post_layernorm'),
    ...linearNames('projection', 'visual_projection', false),
  ];
}
