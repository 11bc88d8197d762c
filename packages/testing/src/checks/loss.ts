import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '@equimodal/core';
import { valueAndGradients } from '@equimodal/nn';
import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';
import { expectReplay } from '../replay/replay.js';
import { expectGradient, expectNoLeak, labels, normal } from './tensors.js';

const [BATCH, CLASSES] = [6, 3];

export function checkLoss({ host, engine, piece, options }: Trial): void {
  const make = () => host.create('loss', { use: piece.id, options }, { classes: CLASSES });
  const compute = (logits: tf.Tensor, sampleWeights?: tf.Tensor) =>
    make().compute({ logits, labels: labels(BATCH, CLASSES), classes: CLASSES, ...(sampleWeights === undefined ? {} : { sampleWeights }) });

  it('is a finite scalar, lower when the logits are right', () => {
    tf.tidy(() => {
      const right = tf.mul(tf.oneHot(tf.cast(labels(BATCH, CLASSES), 'int32') as tf.Tensor1D, CLASSES), 3);
      const [good, bad] = [compute(right).dataSync()[0]!, compute(tf.neg(right)).dataSync()[0]!];
      expect(compute(right).shape).toEqual([]);
      expect(Number.isFinite(good) && Number.isFinite(bad)).toBe(true);
      expect(good).toBeLessThan(bad);
    });
  });

  it('takes sample weights as a weighted mean', () => {
    tf.tidy(() => {
      const logits = normal([BATCH, CLASSES], 'logits');
      expect(compute(logits, tf.fill([BATCH], 2)).dataSync()[0]!).toBeCloseTo(compute(logits).dataSync()[0]!, 5);
    });
  });

  it('has a gradient that agrees with finite differences', () => {
    const logits = normal([BATCH, CLASSES], 'logits');
    expectGradient((tree) => compute(tree['logits']!), { logits });
    logits.dispose();
  });

  it.each([
    ['without', false],
    ['with', true],
  ] as const)('replays as a graph: value and gradient agree with eager execution, %s sample weights', (_name, weighted) => {
    const loss = make();
    const program: Program = {
      name: `loss ${piece.id}`,
      run: ({ batch }) => {
        const { logits, labels, sampleWeights } = batch! as Record<'logits' | 'labels' | 'sampleWeights', tf.Tensor>;
        const compute = () => loss.compute({ logits, labels, classes: CLASSES, ...(weighted ? { sampleWeights } : {}) });
        const { value, gradients } = valueAndGradients(() => ({ value: compute(), aux: {} }), { logits });
        return { outputs: { value }, gradients };
      },
    };
    expectReplay(engine(), program, (call) => ({
      batch: {
        logits: normal([BATCH, CLASSES], `logits ${call}`),
        labels: labels(BATCH, CLASSES, call),
        sampleWeights: tf.tidy(() => tf.abs(normal([BATCH], `weights ${call}`))),
      },
    }));
  });

  it('leaks no tensor', () => {
    expectNoLeak(() => tf.tidy(() => void compute(normal([BATCH, CLASSES], 'logits'))));
  });
}
