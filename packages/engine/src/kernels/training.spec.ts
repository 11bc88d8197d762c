import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { batchNormTraining } from '../ops/batch-norm/batch-norm.js';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../test-engine/checks.fixture.js';
import { startTestEngine, usableTestEngines } from '../test-engine/test-engine.js';

onEachEngine(() => {
  it('differentiates convolutions with every stride and padding', () => {
    for (const stride of [1, 2]) {
      for (const pad of ['same', 'valid'] as const) {
        checkGradients(
          (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
          [{ shape: [2, 5, 4, 2] }, { shape: [3, 3, 2, 3] }],
        );
        checkGradients(
          (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad),
          [{ shape: [2, 5, 4, 2] }, { shape: [3, 3, 2, 2] }],
        );
      }
    }
  });

  it('differentiates pooling, also at a padded border', () => {
    for (const pad of ['same', 'valid'] as const) {
      checkGradients((x) => tf.avgPool(x as tf.Tensor4D, 3, 2, pad), [{ shape: [2, 6, 5, 2] }]);
      checkGradients((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, pad), [{ shape: [1, 6, 5, 2] }], {
        step: 1e-3,
      });
    }
  });

  it('differentiates an attention block', () => {
    checkGradients(
      (q, k, v) => tf.matMul(tf.softmax(tf.mul(tf.matMul(q!, k!, false, true), 0.5)), v!),
      [{ shape: [2, 2, 3, 4] }, { shape: [2, 2, 5, 4] }, { shape: [2, 2, 5, 3] }],
    );
  });
});

/** Losses of a few steps of gradient descent on a small residual network. */
async function losses(id: string): Promise<number[]> {
  await startTestEngine(id);
  const x = tensorOf([6, 10, 10, 3], 7);
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3, 1, 0, 'float32'));
  const shapes: Record<string, number[]> = {
    stem: [3, 3, 3, 8],
    a: [3, 3, 8, 8],
    b: [3, 3, 8, 8],
    down: [3, 3, 8, 12],
    head: [12, 3],
  };
  const names = Object.keys(shapes);
  let weights = names.map((name, i) => tf.tidy(() => tf.mul(tensorOf(shapes[name]!, i + 20), 0.3)));
  const block = (input: Tensor, filter: Tensor, stride: number): Tensor => {
    const y = tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same');
    return batchNormTraining(y, tf.ones([y.shape[3]!]), tf.zeros([y.shape[3]!]), 1e-5).y;
  };
  const loss = (...w: Tensor[]): tf.Scalar => {
    let h = tf.maxPool(tf.relu(block(x, w[0]!, 1)) as tf.Tensor4D, 3, 2, 'same') as Tensor;
    h = tf.relu(tf.add(h, block(tf.relu(block(h, w[1]!, 1)), w[2]!, 1)));
    h = tf.relu(block(h, w[3]!, 2));
    const logits = tf.matMul(tf.mean(h, [1, 2]), w[4]!);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1)));
  };
  const history: number[] = [];
  const before = tf.memory().numTensors;
  for (let step = 0; step < 8; step++) {
    const next = tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads(loss)(weights);
      history.push(value.dataSync()[0]!);
      return weights.map((w, i) => tf.sub(w, tf.mul(grads[i]!, 0.3)));
    });
    tf.dispose(weights);
    weights = next;
    expect(tf.memory().numTensors).toBe(before);
  }
  tf.dispose([x, labels, ...weights]);
  return history;
}

it('trains a residual network on wasm as on the other engines, without a leak', async () => {
  const reference = await losses('cpu');
  expect(reference.at(-1)!).toBeLessThan(0.7 * reference[0]!);
  for (const id of await usableTestEngines()) expectClose(await losses(id), reference, 2e-2);
});
