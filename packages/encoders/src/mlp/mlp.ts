import { definePiece, type Encoder } from '@equimodal/core';
import { batchNorm, checkShape, dropout, flatten, initChildren, linear, relu, type Layer } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';

const ACCEPTS = ['vector', 'image', 'spectrogram', 'sequence', 'video'] as const;

const size = z.int().positive();

/** Multilayer perceptron: flattens its input; linear, (batch norm), ReLU, (dropout) per hidden layer; a linear map to the features. */
export const mlp = definePiece({
  kind: 'encoder',
  id: 'mlp',
  description: 'Multilayer perceptron over the flattened input.',
  facts: { accepts: ACCEPTS },
  options: z.strictObject({
    hidden: z.array(size).default([256]).describe('units of each hidden layer; empty for a linear map'),
    features: size.default(64).describe('size of the feature vector'),
    batchNorm: z.boolean().default(false).describe('batch norm before each ReLU'),
    dropout: z.number().min(0).lt(1).default(0).describe('share of hidden units dropped in training'),
  }),
  create(options, { modality }): Encoder {
    checkModality('mlp', ACCEPTS, modality);
    const inputs = modality.shape.reduce((product, n) => product * n, 1);
    const hidden = options.hidden.map((units, i) => ({
      name: `layer${i + 1}`,
      linear: linear({ inputs: options.hidden[i - 1] ?? inputs, outputs: units }),
      bn: options.batchNorm ? batchNorm({ channels: units }) : undefined,
    }));
    const drop = dropout({ rate: options.dropout });
    const projection = linear({ inputs: options.hidden.at(-1) ?? inputs, outputs: options.features });
    const children: Record<string, Layer> = { projection };
    for (const layer of hidden) {
      children[`${layer.name}/linear`] = layer.linear;
      if (layer.bn !== undefined) children[`${layer.name}/bn`] = layer.bn;
    }
    return {
      featureSize: options.features,
      init: (random) => initChildren(children, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        let x = flatten.apply(scope, input);
        for (const layer of hidden) {
          const at = scope.at(layer.name);
          x = layer.linear.apply(at.at('linear'), x);
          if (layer.bn !== undefined) x = layer.bn.apply(at.at('bn'), x);
          x = drop.apply(at.at('dropout'), relu.apply(at, x));
        }
        return { features: projection.apply(scope.at('projection'), x) };
      },
    };
  },
});
