import type { Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { commonSize } from '../common-size/common-size.js';
import { featureSizeOf } from '../heads/heads.js';
import { checkNamedModality } from '../heads/named-modality.js';
import { withZeroedReadOuts } from '../read-out/read-out.js';

const WHERE = 'fusion "gated"';

export interface GatedOptions {
  /** The modality that the others gate; null is the last one. */
  readonly gated?: string | null;
  /** Size of the projected features; null is the size of the gated modality's features. */
  readonly size?: number | null;
}

/**
 * Gated fusion: h_m = W_m phi_m + b_m; o = h_g * prod_(m != g) sigmoid(h_m); logits = W_o o + b_o.
 *
 * For two modalities this is the published fusion (its first modality gates the second by default); the product of
 * several gates is ours. The read-out of a modality is the same network with the other modalities' features set to
 * zero: a gate of zeros is sigmoid(b_m), and a gated modality of zeros leaves its bias only.
 *
 * Parameters: `maps/<modality>/kernel` [featureSize, size], `maps/<modality>/bias`, `head/kernel` [size, classes], `head/bias`.
 * Source: Kiela et al., "Efficient Large-Scale Multi-Modal Classification", AAAI 2018.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when `gated` is no modality of the run; EQM_PLUGIN_FAULT when features are missing.
 */
export function gated(context: FusionContext, options: GatedOptions = {}): Fusion {
  const { modalities, classes } = context;
  const target = chosen(modalities, options.gated ?? null);
  const size = options.size ?? featureSizeOf(context, target, WHERE);
  const maps = commonSize(context, size, WHERE);
  const head = linear({ inputs: size, outputs: classes });
  const fuse = (scope: Scope, features: Readonly<Record<string, Tensor>>): Tensor => {
    const hidden = maps.apply(scope.at('maps'), features);
    const gates = modalities.filter((modality) => modality !== target).map((modality) => tf.sigmoid(hidden[modality]!));
    return head.apply(
      scope.at('head'),
      gates.reduce<Tensor>((product, gate) => tf.mul(product, gate), hidden[target]!),
    );
  };
  return {
    init: (random) => initChildren({ maps, head }, random),
    apply: (scope, features) => withZeroedReadOuts(modalities, features, (shown) => fuse(scope, shown), WHERE),
  };
}

function chosen(modalities: readonly string[], gated: string | null): string {
  if (gated === null || modalities.length === 1) return modalities.at(-1) ?? '';
  checkNamedModality(modalities, gated, { option: 'gated', otherwise: 'last', where: WHERE });
  return gated;
}

/** The fusion `gated`. */
export const gatedFusion = definePiece({
  kind: 'fusion',
  id: 'gated',
  description: 'Sigmoid gates from the other modalities on one of them; read-out: the others set to zero',
  facts: {
    missing: 'The others gate one modality: without it there is nothing to gate, and a gate is not neutral without its own.',
    paper: { title: 'Efficient Large-Scale Multi-Modal Classification', venue: 'AAAI 2018', url: 'https://arxiv.org/abs/1802.02892' },
    note: 'Two modalities as published; the product of gates for more than two is ours.',
  },
  options: z.object({
    gated: z.string().nullable().default(null).describe('The modality that the others gate; null is the last one'),
    size: z.int().positive().nullable().default(null).describe('Size of the projected features; null is that of the gated modality'),
  }),
  create: (options, context) => gated(context, options),
});
