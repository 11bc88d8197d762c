import { definePiece, type Encoder } from '@equimodal/core';
import { batchNorm, checkShape, conv2d, initChildren, kaimingUniform, relu, type Layer } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { masked, maxOverTime, meanOverTime, paddingOption, trailingMask } from '../time/time.js';

const ACCEPTS = ['sequence'] as const;

/**
 * Temporal convolutions over a sequence [batch, time, features]: per block a convolution with stride 1 that keeps the length (zeros
 * around), (batch norm), ReLU: [batch, time, channels]; then the maximum or mean over time, [batch, last channels].
 *
 * Padded steps are zero in front of every convolution, like what lies beyond the sequence, and are not pooled. In a training pass the
 * statistics of batch norm count them.
 *
 * Source: Waibel et al., Phoneme recognition using time-delay neural networks, 1989.
 */
export const conv1d = definePiece({
  kind: 'encoder',
  id: 'conv1d',
  description: 'Stack of temporal convolutions with ReLU, pooled over time.',
  facts: {
    accepts: ACCEPTS,
    note: 'With padding and batchNorm, the batch statistics of training count padded steps.',
  },
  options: z.strictObject({
    channels: z.array(z.int().positive()).min(1).default([64, 128]).describe('output channels of each convolution'),
    kernel: z.int().positive().default(3).describe('steps a window sees'),
    batchNorm: z.boolean().default(false).describe('batch norm before each ReLU'),
    pool: z.enum(['max', 'mean']).default('max').describe('pool over time'),
    padding: paddingOption,
  }),
  create(options, { modality }): Encoder {
    checkModality('conv1d', ACCEPTS, modality);
    const blocks = options.channels.map((filters, i) => ({
      name: `block${i + 1}`,
      conv: conv2d({
        inputs: options.channels[i - 1] ?? modality.shape[1]!,
        filters,
        kernel: [options.kernel, 1],
        padding: 'same',
        // The bias would be taken out again by the batch norm.
        bias: !options.batchNorm,
        kernelInitialiser: kaimingUniform(),
      }),
      bn: options.batchNorm ? batchNorm({ channels: filters }) : undefined,
    }));
    const children: Record<string, Layer> = {};
    for (const { name, conv, bn } of blocks) {
      children[`${name}/conv`] = conv;
      if (bn !== undefined) children[`${name}/bn`] = bn;
    }
    return {
      featureSize: options.channels.at(-1)!,
      init: (random) => initChildren(children, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const mask = options.padding === 'zeros' ? trailingMask(input) : undefined;
        let x: Tensor = input;
        for (const { name, conv, bn } of blocks) {
          const at = scope.at(name);
          // Time is the height of an image one pixel wide.
          let y = conv.apply(at.at('conv'), tf.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]));
          if (bn !== undefined) y = bn.apply(at.at('bn'), y);
          x = masked(tf.squeeze(relu.apply(at, y), [2]), mask);
        }
        return { features: options.pool === 'max' ? maxOverTime(x, mask) : meanOverTime(x, mask) };
      },
    };
  },
});
