import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { jensenShannon, reverseJensenShannon } from '../divergence/divergence.js';
import { infoNce, infoNceAlignment } from '../info-nce/info-nce.js';
import fixture from './alignments.fixture.json' with { type: 'json' };

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Case {
  readonly loss: number;
  readonly gradients: readonly Stored[];
}

const tensorOf = ({ shape, data }: Stored): Tensor => tf.tensor([...data], [...shape]);

/** Value and gradients beside PyTorch's, relative to the largest gradient. */
function expectTorch(ours: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[], { loss, gradients }: Case): void {
  const { value, grads } = tf.valueAndGrads((...own: Tensor[]) => ours(...own) as tf.Scalar)([...inputs]);
  expect(Math.abs(value.dataSync()[0]! - loss) / loss).toBeLessThan(2e-6);
  for (const [n, expected] of gradients.entries()) {
    const values = grads[n]!.dataSync();
    expect(values).toHaveLength(expected.data.length);
    const most = Math.max(...expected.data.map(Math.abs), 1e-3);
    for (const [i, gradient] of expected.data.entries()) {
      expect(Math.abs(values[i]! - gradient) / most, `gradient ${i} of input ${n}`).toBeLessThan(2e-5);
    }
  }
}

describe('alignment losses compute what PyTorch does', () => {
  let features: Tensor[];
  let logits: Tensor[];
  let labels: Tensor;
  beforeAll(async () => {
    await startTestEngine();
    features = fixture.features.map(tensorOf);
    logits = fixture.logits.map(tensorOf);
    labels = tf.tensor1d(fixture.labels, 'int32');
  });

  it.each(fixture.temperatures)('infoNce at temperature $temperature', ({ temperature, ...expected }) => {
    expectTorch((a, b) => infoNce(a, b, temperature), features, expected);
  });

  it('infoNce with negatives of other classes alone', () => {
    expectTorch((a, b) => infoNce(a, b, 0.07, labels), features, fixture.otherClasses);
  });

  it.each(fixture.learned)('info-nce with a learned temperature at log scale $logScale', ({ logScale, ...expected }) => {
    const options = { temperature: 0.07, learnTemperature: true, negatives: 'all', projection: null } as const;
    const { compute } = infoNceAlignment({ modalities: ['a', 'b'], featureSizes: { a: 5, b: 5 }, classes: 3 }, options);
    const ours = (a: Tensor, b: Tensor, scale: Tensor): Tensor => {
      const { scope } = openScope({ params: { logScale: scale }, state: {}, training: true });
      return compute({ modalities: ['a', 'b'], features: { a, b }, unimodal: {}, labels }, scope);
    };
    expectTorch(ours as (...inputs: Tensor[]) => Tensor, [...features, tf.scalar(logScale)], expected);
  });

  it('jensenShannon', () => expectTorch(jensenShannon, logits, fixture.js));
  it('reverseJensenShannon', () => expectTorch(reverseJensenShannon, logits, fixture.reverseJs));
});
