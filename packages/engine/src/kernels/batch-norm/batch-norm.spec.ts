import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { batchNormTraining } from '../../ops/batch-norm/batch-norm.js';
import { checkGradients, expectClose, numbers } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { expectParity } from '../parity.fixture.js';

// Rows of several chunks, and one row.
const shapes: number[][] = [
  [2, 3, 3, 4],
  [1500, 8],
  [1, 12],
  [40, 128],
];

it.each(shapes)('normalises [%i, ..] in vectors as the loops of the cpu engine do', async (...shape) => {
  const channels = shape.at(-1)!;
  for (const part of ['y', 'mean', 'variance'] as const) {
    await expectParity(
      (make) => batchNormTraining(tf.mul(make(shape), 3), tf.add(make([channels], 2), 2), make([channels], 3), 1e-3)[part],
      1e-5,
    );
  }
  for (const input of [0, 1, 2]) {
    await expectParity((make) => {
      const gradients = tf.grads((x, scale, offset) => tf.mul(batchNormTraining(x!, scale!, offset!, 1e-3).y, make(shape, 9)));
      return gradients([make(shape), tf.add(make([channels], 2), 2), make([channels], 3)])[input]!;
    }, 1e-4);
  }
});

it('has the gradients of its definition', async () => {
  await startTestEngine('wasm');
  checkGradients((x, scale, offset) => batchNormTraining(x!, scale!, offset!, 1e-3).y, [{ shape: [5, 8] }, { shape: [8] }, { shape: [8] }]);
});

it('keeps its digits where the mean is a thousand times the deviation', async () => {
  await startTestEngine('wasm');
  tf.tidy(() => {
    const small = numbers(400, 3);
    // 1000 + v is rounded to multiples of 2^-14 first, so that both sides normalise the same numbers.
    const rounded = small.map((v) => Math.round(v * 2 ** 14) / 2 ** 14);
    const normalised = (values: Float32Array): Float32Array =>
      batchNormTraining(tf.tensor(values, [100, 4]), tf.ones([4]), tf.zeros([4]), 1e-8).y.dataSync<'float32'>();
    expectClose(normalised(rounded.map((v) => 1000 + v)), normalised(rounded), 1e-4);
    expect(Math.max(...normalised(rounded))).toBeGreaterThan(1);
  });
});
