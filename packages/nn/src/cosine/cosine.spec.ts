import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectClose, tensorOf } from '../layer/parity.fixture.js';
import { cosineSimilarityMatrix, l2Normalize } from './cosine.js';
import fixture from './cosine.fixture.json' with { type: 'json' };

describe('cosine similarity', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('agrees with PyTorch, forward and backward', () => {
    const [a, b] = [tensorOf(fixture.a), tensorOf(fixture.b)];
    const { aux, gradients } = valueAndGradients(
      () => {
        const similarity = cosineSimilarityMatrix(a, b);
        return { value: tf.sum(tf.mul(similarity, tensorOf(fixture.weights))), aux: { similarity } };
      },
      { a, b },
    );
    expectClose(aux.similarity, fixture.similarity, 1e-6);
    expectClose(gradients['a']!, fixture.gradients.a, 1e-6);
    expectClose(gradients['b']!, fixture.gradients.b, 1e-6);
    expectClose(l2Normalize(a), fixture.normalized, 1e-6);
  });

  it('is safe at zero', () => {
    const x = tf.tensor2d([
      [0, 0],
      [3, 4],
    ]);
    const { aux, gradients } = valueAndGradients(
      () => {
        const y = l2Normalize(x);
        return { value: tf.sum(y), aux: { y } };
      },
      { x },
    );
    expectClose(aux.y, { shape: [2, 2], data: [0, 0, 0.6, 0.8] });
    expect([...gradients['x']!.dataSync()].every(Number.isFinite)).toBe(true);
  });
});
