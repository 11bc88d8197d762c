import type { Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece, EquimodalError, suggestion } from '@equimodal/core';
import { initChildren, linear, lstm } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { commonSize } from '../common-size/common-size.js';
import { presentOf } from '../heads/heads.js';

const WHERE = 'fusion "ml-lstm"';

export interface MlLstmOptions {
  /** Order in which modalities are read; null is the order of the run. */
  readonly order?: readonly string[] | null;
  /** Size of the projected features. */
  readonly size?: number;
  readonly units?: number;
  readonly layers?: number;
  /** What the head reads: the last hidden state, or the mean over modalities. */
  readonly pool?: 'last' | 'mean';
}

/**
 * The projected features as a sequence of modalities, read by stacked LSTM layers; a linear head reads the top layer.
 *
 * The paper's architecture is not public: this definition is ours. The read-out of a modality is the same network on the
 * sequence of that modality alone.
 *
 * Parameters: `maps/<modality>` [featureSize, size], `lstm/<i>/kernel`, `recurrent`, `bias`, `recurrentBias`, `head` [units, classes].
 * Source: after Nie et al., "Multi-modal feature fusion based on multi-layers LSTM for video emotion recognition", 2021.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when `order` is not the run's modalities; EQM_PLUGIN_FAULT when features are missing.
 */
export function mlLstm(context: FusionContext, options: MlLstmOptions = {}): Fusion {
  const { size = 512, units = 512, layers = 2, pool = 'last' } = options;
  const order = checkedOrder(context.modalities, options.order ?? null);
  const maps = commonSize(context, size, WHERE);
  const stack = Array.from({ length: layers }, (_, i) => lstm({ inputs: i === 0 ? size : units, units, returnSequence: true }));
  const head = linear({ inputs: units, outputs: context.classes });
  const read = (scope: Scope, sequence: readonly Tensor[]): Tensor => {
    const top = stack.reduce<Tensor>((x, layer, i) => layer.apply(scope.at('lstm').at(i), x), tf.stack([...sequence], 1));
    const [batch] = top.shape as [number];
    const state =
      pool === 'mean' ? tf.mean(top, 1) : tf.reshape(tf.slice(top, [0, sequence.length - 1, 0], [batch, 1, units]), [batch, units]);
    return head.apply(scope.at('head'), state);
  };
  return {
    init: (random) =>
      initChildren({ maps, lstm: { init: (below) => initChildren(Object.fromEntries(stack.map((l, i) => [i, l])), below) }, head }, random),
    apply(scope, features) {
      const steps = maps.apply(scope.at('maps'), features);
      const logits = read(
        scope,
        order.map((modality) => steps[modality]!),
      );
      if (order.length === 1) return { logits, unimodal: { [order[0]!]: logits } };
      return { logits, unimodal: Object.fromEntries(context.modalities.map((modality) => [modality, read(scope, [steps[modality]!])])) };
    },
    partial(scope, features) {
      const present = presentOf({ ...context, modalities: order }, features, WHERE);
      return read(scope, Object.values(maps.apply(scope.at('maps'), features, present)));
    },
  };
}

function checkedOrder(modalities: readonly string[], order: readonly string[] | null): readonly string[] {
  if (order === null || modalities.length === 1) return modalities;
  const stranger = order.find((name) => !modalities.includes(name));
  const wrong =
    stranger === undefined
      ? order.length !== modalities.length || new Set(order).size !== order.length
        ? `"order" must name every modality once (${modalities.join(', ')}), got ${order.join(', ')}`
        : undefined
      : `"order" names "${stranger}", which is no modality of this run; ${suggestion(stranger, modalities)}`;
  if (wrong === undefined) return order;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', wrong, { where: WHERE, fix: 'Name every modality once, or leave "order" out.' });
}

/** The fusion `ml-lstm`. */
export const mlLstmFusion = definePiece({
  kind: 'fusion',
  id: 'ml-lstm',
  description: 'Modalities as a sequence through stacked LSTM layers; read-out: a sequence of one',
  facts: {
    paper: { title: 'Multi-modal feature fusion based on multi-layers LSTM for video emotion recognition', venue: 'MTA 2021' },
    note: 'The architecture of the paper is not public; this definition is ours. The order of modalities matters.',
  },
  options: z.object({
    order: z.array(z.string()).nullable().default(null).describe('Order in which modalities are read; null is that of the run'),
    size: z.int().positive().default(512).describe('Size of the projected features'),
    units: z.int().positive().default(512).describe('Units of each LSTM layer'),
    layers: z.int().positive().default(2).describe('LSTM layers'),
    pool: z.enum(['last', 'mean']).default('last').describe('What the head reads: the last state, or the mean over modalities'),
  }),
  create: (options, context) => mlLstm(context, options),
});
