import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, matrix, numbers } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import {
  divergenceLoss,
  divergencePrediction,
  divergences,
  fusedSamples,
  sampleCrossEntropy,
  scoresOf,
  type Scores,
} from './divergence.js';
import { domfn, type DomfnOptions } from './domfn.js';

const RELEASED: DomfnOptions = { eta: 0.5, gamma: 0.8, tau: 0.5, scores: 'sigmoid', pretrain: null };
const same = (rows: number[][]): Scores => ({ confidence: matrix(rows), logits: matrix(rows) });
const Q = () => [[[0.9, 0.2]], [[0.6, 0.5]], [[0.3, 0.7]]].map(same);
const FUSED = () => same([[0.7, 0.4]]);
const labels = () => tf.tensor1d([0], 'int32');

describe('divergence', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('is the largest squared distance to the consensus', () => {
    expectNumbers(tf.concat(divergences(Q().map(({ confidence }) => confidence))), [0.09, 0.001111, 0.09]);
    const both = divergences([matrix([[0.9, 0.1]]), matrix([[0.3, 0.4]])]);
    expectNumbers(both[0]!, numbers(both[1]!), 6);
  });

  it('makes the loss of a fused sample, and of one that is not', () => {
    expectNumbers(tf.concat(Q().map(({ logits }) => sampleCrossEntropy(logits, labels()))), [0.403186, 0.644397, 0.913015]);
    expectNumbers(sampleCrossEntropy(FUSED().logits, labels()), [0.554355]);
    expectNumbers(divergenceLoss(Q(), FUSED(), labels(), tf.tensor1d([1]), 0.5), [3.130099]);
    expectNumbers(divergenceLoss(Q(), FUSED(), labels(), tf.tensor1d([0]), 0.5), [0.403186 + 0.644397 + 0.913015]);
  });

  it('decides who is fused, and who predicts', () => {
    const fuse = fusedSamples(Q(), { gamma: 0.8, tau: 0.5 });
    const apart = fusedSamples(Q(), { gamma: 0.8, tau: 0.1 });
    expectNumbers(tf.concat([fuse, apart]), [1, 0]);
    expectNumbers(divergencePrediction(Q(), FUSED(), fuse), [0.7, 0.4]);
    expectNumbers(divergencePrediction(Q(), FUSED(), apart), [0.9, 0.2]);
  });

  it('has scores of either kind', () => {
    const [squashed, plain] = [scoresOf(matrix([[2, 0]]), 'sigmoid'), scoresOf(matrix([[2, 0]]), 'softmax')];
    expectNumbers(squashed.confidence, [0.880797, 0.5]);
    expect(squashed.logits).toBe(squashed.confidence);
    expectNumbers(plain.confidence, [0.880797, 0.119203]);
    expectNumbers(plain.logits, [2, 0]);
  });
});

describe('domfn', () => {
  const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 1, visual: 1 }, classes: 2, epochs: 10 };
  const params = () => ({
    'methods/tried/heads/audio/kernel': tf.tensor2d([[1, -1]]),
    'methods/tried/heads/audio/bias': tf.zeros([2]),
    'methods/tried/heads/visual/kernel': tf.tensor2d([[2, 1]]),
    'methods/tried/heads/visual/bias': tf.zeros([2]),
  });
  const features = { audio: [[1], [4]], visual: [[1], [-4]] };
  const step = (phase: string, options = RELEASED) => {
    const given = contextOf({
      phase,
      features,
      params: params(),
      labels: [0, 1],
      unimodal: {
        audio: [
          [0, 0],
          [0, 0],
        ],
        visual: [
          [0.5, 0],
          [0, 0.5],
        ],
      },
      terms: [{ name: 'fused', kind: 'classification', value: tf.scalar(9), weight: 1 }],
    });
    return { ...given, terms: domfn(options, RUN).losses!(given.context)! };
  };

  it('trains unimodal heads alone in the first epochs, and leaves the fused head as it is', async () => {
    const method = domfn(RELEASED, RUN);
    const at = async (epoch: number) => (await method.epochStart!(epochOf({ epoch }).context))!.phase;
    expect(await Promise.all([0, 1, 9].map(at))).toEqual(['unimodal', '', '']);
    expect(method.plan!('unimodal')[0]!.parameters!('fusion/kernel')).toBe(false);
    expect(method.plan!('')).toEqual([]);
    const [term, ...others] = step('unimodal').terms;
    expect([term!.name, others.length]).toEqual(['unimodal', 0]);
    const sigmoids = [
      [
        [1, -1],
        [4, -4],
      ],
      [
        [2, 1],
        [-8, -4],
      ],
    ].map((rows) => tf.sigmoid(matrix(rows)));
    const each = sigmoids.map((own) => sampleCrossEntropy(own, tf.tensor1d([0, 1], 'int32')));
    expectNumbers(term!.value, numbers(tf.mean(tf.addN(each))));
  });

  it('masks sample by sample', () => {
    const { terms, reported } = step('');
    expect(terms.map(({ name }) => name)).toEqual(['divergence']);
    const own = [
      [
        [1, -1],
        [4, -4],
      ],
      [
        [2, 1],
        [-8, -4],
      ],
    ].map((rows) => scoresOf(matrix(rows), 'sigmoid'));
    // (0.731 .. 0.881, 0.269 .. 0.731) lies close together, (0.982 .. 0, 0.018 .. 0.018) does not: .241 / .5 = .482 < .8 both; with tau .2 only the first.
    expect(reported()['fused']).toBe(1);
    const strict = step('', { ...RELEASED, tau: 0.2 });
    expect(strict.reported()['fused']).toBe(0.5);
    const fused = scoresOf(
      matrix([
        [0.5, 0],
        [0, 0.5],
      ]),
      'sigmoid',
    );
    const expected = divergenceLoss(own, fused, tf.tensor1d([0, 1], 'int32'), tf.tensor1d([1, 0]), 0.5);
    expectNumbers(strict.terms[0]!.value, numbers(tf.mean(expected)));
  });

  it('predicts by the same rule, with its heads as read-outs', () => {
    const { context } = step('');
    const { logits, unimodal } = domfn({ ...RELEASED, tau: 0.2 }, RUN).predict!(context) as {
      logits: tf.Tensor;
      unimodal: Record<string, tf.Tensor>;
    };
    const [a, b] = [tf.sigmoid(matrix([[0.5, 0]])), tf.sigmoid(matrix([[4, -4]]))];
    expectNumbers(logits, [...numbers(a), ...numbers(b)]);
    expectNumbers(
      unimodal['audio']!,
      numbers(
        tf.sigmoid(
          matrix([
            [1, -1],
            [4, -4],
          ]),
        ),
      ),
    );
  });
});
