import type { WeightName } from '@equimodal/core';
import { stackNames } from '../names/names.js';

/** The layers of one tower of Hugging Face's `CLIPModel`; `tower` is `text_model` or `vision_model`. */
export function towerNames(depth: number, tower: string): WeightName[] {
  return stackNames(depth, `${tower}.encoder.layers`, {
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    out: 'self_attn.out_proj',
    norm1: 'layer_norm1',
    linear1: 'mlp.fc1',
    linear2: 'mlp.fc2',
    norm2: 'layer_norm2',
  });
}
