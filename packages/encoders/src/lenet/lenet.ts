import { definePiece, type Encoder } from '@equimodal/core';
import { batchNorm, checkShape, conv2d, globalAveragePool2d, initChildren, kaimingUniform, linear, relu, type Layer } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { staged } from '../stages/stages.js';

const ACCEPTS = ['image', 'spectrogram'] as const;

/**
 * Small convolutional encoder in the spirit of LeNet: blocks of 3x3 convolution with stride 2, batch norm and ReLU, a global
 * average pool and a linear map to the features. Each block is a stage.
 */
export const lenet = definePiece({
  kind: 'encoder',
  id: 'lenet',
  description: 'Small LeNet-like CNN: stride-2 3x3 convolutions with batch norm, global average pool, linear.',
  facts: { accepts: ACCEPTS, staged: true, note: 'LeNet-like, not LeNet-5: strided convolutions instead of pooling, batch norm, ReLU.' },
  options: z.strictObject({
    channels: z
      .array(z.int().min(1).max(128))
      .min(1)
      .default([8, 16, 32, 64])
      .describe('output channels of each block; each halves height and width'),
    features: z.int().positive().default(64).describe('size of the feature vector'),
  }),
  create(options, { modality }): Encoder {
    checkModality('lenet', ACCEPTS, modality);
    const blocks = options.channels.map((filters, i) => ({
      name: `block${i + 1}`,
      // The bias would be taken out again by the batch norm.
      conv: conv2d({
        inputs: options.channels[i - 1] ?? modality.shape[2]!,
        filters,
        kernel: 3,
        stride: 2,
        padding: 1,
        bias: false,
        kernelInitialiser: kaimingUniform(),
      }),
      bn: batchNorm({ channels: filters }),
    }));
    const projection = linear({ inputs: options.channels.at(-1)!, outputs: options.features, kernelInitialiser: kaimingUniform() });
    const children: Record<string, Layer> = { projection };
    for (const { name, conv, bn } of blocks) {
      children[`${name}/conv`] = conv;
      children[`${name}/bn`] = bn;
    }
    return {
      featureSize: options.features,
      init: (random) => initChildren(children, random),
      ...staged({
        channels: options.channels,
        run(scope, stage, x) {
          if (stage === 1) checkShape(x, [null, ...modality.shape], scope.path);
          const { name, conv, bn } = blocks[stage - 1]!;
          const at = scope.at(name);
          return relu.apply(at, bn.apply(at.at('bn'), conv.apply(at.at('conv'), x)));
        },
        end: (scope, maps) => projection.apply(scope.at('projection'), globalAveragePool2d.apply(scope, maps)),
      }),
    };
  },
});
