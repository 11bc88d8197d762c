import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Program } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { paddedConv2d } from '../ops/conv2d/conv2d.js';
import { selectEngine } from '../select/select.js';
import { usableTestEngines } from '../test-engine/test-engine.js';
import { opFlops, programFlops } from './flops.js';

describe('operations of an op', () => {
  it.each([
    [
      'Conv2D',
      [
        [2, 8, 8, 3],
        [3, 3, 3, 16],
      ],
      [2, 4, 4, 16],
      2 * 2 * 4 * 4 * 16 * 27,
    ],
    ['_FusedConv2D', [[1, 4, 4, 2], [1, 1, 2, 5], [5]], [1, 4, 4, 5], 2 * 16 * 5 * 2],
    [
      'Conv3D',
      [
        [1, 4, 4, 4, 2],
        [3, 3, 3, 2, 4],
      ],
      [1, 4, 4, 4, 4],
      2 * 64 * 4 * 54,
    ],
    [
      'DepthwiseConv2dNative',
      [
        [1, 4, 4, 3],
        [3, 3, 3, 2],
      ],
      [1, 4, 4, 6],
      2 * 16 * 6 * 9,
    ],
    [
      'MatMul',
      [
        [7, 5],
        [5, 3],
      ],
      [7, 3],
      2 * 7 * 5 * 3,
    ],
    // Transposed: [5, 7]^T [5, 3].
    [
      'MatMul',
      [
        [5, 7],
        [5, 3],
      ],
      [7, 3],
      2 * 7 * 5 * 3,
    ],
    [
      'BatchMatMulV2',
      [
        [4, 7, 5],
        [4, 5, 3],
      ],
      [4, 7, 3],
      2 * 4 * 7 * 5 * 3,
    ],
    // One matrix for a whole batch.
    [
      'BatchMatMulV2',
      [
        [1, 7, 5],
        [4, 5, 3],
      ],
      [4, 7, 3],
      2 * 4 * 7 * 5 * 3,
    ],
    [
      'Add',
      [
        [7, 5],
        [7, 5],
      ],
      [7, 5],
      0,
    ],
  ] as const)('%s of %j is %j: %i', (op, inputs, output, flops) => {
    expect(opFlops(op, inputs, output)).toBe(flops);
  });
});

describe.each(await usableTestEngines())('operations of a program on %s', (id) => {
  beforeAll(() => selectEngine({ requested: id }));

  it('are those of its convolutions and products, and leave no tensor', async () => {
    const program: Program = {
      name: 'counted',
      run({ weights, batch }) {
        const { kernel, matrix } = weights!;
        const maps = paddedConv2d(batch!['x']!, kernel!, [1, 1], 'same');
        const flat = tf.reshape(tf.relu(maps), [2, -1]) as tf.Tensor2D;
        return { out: { y: tf.softmax(tf.matMul(flat, matrix as tf.Tensor2D)) } };
      },
    };
    const inputs: Bundle = {
      weights: { kernel: tf.ones([3, 3, 1, 4]), matrix: tf.ones([6 * 6 * 4, 3]) },
      batch: { x: tf.ones([2, 6, 6, 1]) },
    };
    const before = tf.memory().numTensors;
    const flops = await programFlops(program, inputs);
    expect(flops).toBe(2 * (2 * 36 * 4 * 9) + 2 * (2 * 144 * 3));
    expect(tf.memory().numTensors).toBe(before);
    for (const tree of Object.values(inputs)) tf.dispose(tree as Record<string, tf.Tensor>);
  });
});
