import type { Encoder, ModalitySpec } from '@equimodal/core';
import { checkShape, dropout, initChildren, lstm, type Layer, type LstmLayer } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { meanOverTime, paddingOption, trailingMask } from '../time/time.js';

/** Options of `lstm` and `bilstm`. */
export const recurrentOptions = z.strictObject({
  units: z.int().positive().default(128).describe('units of each layer and direction'),
  layers: z.int().positive().default(1).describe('layers on top of each other'),
  dropout: z.number().min(0).lt(1).default(0).describe('share of units dropped between layers in training'),
  pool: z.enum(['last', 'mean']).default('last').describe('features: the last state (of each direction), or the mean of all'),
  padding: paddingOption,
});

/** A direction of a layer: its name below the layer, whether time runs backwards. */
export interface Direction {
  readonly name: string;
  readonly reverse: boolean;
}

/**
 * A stack of LSTM layers over [batch, time, inputs], each with the given directions side by side:
 * layer l maps [batch, time, size] to [batch, time, directions * units]; the features are [batch, directions * units].
 *
 * Where a mask is 0 the state stays. Forwards, the last state is so that of the last real step; backwards the padding comes first and
 * leaves the zero state alone, so that the layer starts at the last real step. What the layers say at padded steps is never used.
 */
export function recurrentEncoder(
  options: z.infer<typeof recurrentOptions>,
  modality: ModalitySpec,
  directions: readonly Direction[],
): Encoder {
  const width = directions.length * options.units;
  const levels = Array.from({ length: options.layers }, (_, i) => {
    const returnSequence = options.pool === 'mean' || i < options.layers - 1;
    const inputs = i === 0 ? modality.shape[1]! : width;
    return {
      returnSequence,
      runs: directions.map(({ name, reverse }) => ({
        path: name === '' ? [`layer${i + 1}`] : [`layer${i + 1}`, name],
        reverse,
        layer: lstm({ inputs, units: options.units, returnSequence }),
      })),
    };
  });
  const drop = dropout({ rate: options.dropout });
  const children: Record<string, Layer> = {};
  for (const { runs } of levels) for (const { path, layer } of runs) children[path.join('/')] = layer;
  return {
    featureSize: width,
    init: (random) => initChildren(children, random),
    apply(scope, input) {
      checkShape(input, [null, ...modality.shape], scope.path);
      const mask = options.padding === 'zeros' ? trailingMask(input) : undefined;
      let x = input;
      for (const [i, { runs, returnSequence }] of levels.entries()) {
        const sequence = i === 0 ? x : drop.apply(scope.at(`layer${i}`).at('dropout'), x);
        const outputs = runs.map(({ path, reverse, layer }) => {
          const at = path.reduce((inner, name) => inner.at(name), scope);
          return reverse ? backwards(layer, returnSequence)(at, sequence, mask) : layer.apply(at, sequence, mask);
        });
        x = outputs.length === 1 ? outputs[0]! : tf.concat(outputs, -1);
      }
      return { features: options.pool === 'mean' ? meanOverTime(x, mask) : x };
    },
  };
}

/** A layer run from the last step to the first; its outputs, where it returns all, in the order of the input. */
function backwards(layer: LstmLayer, returnSequence: boolean): LstmLayer['apply'] {
  return (scope, input, mask): Tensor => {
    const output = layer.apply(scope, tf.reverse(input, 1), mask === undefined ? undefined : tf.reverse(mask, 1));
    return returnSequence ? tf.reverse(output, 1) : output;
  };
}
