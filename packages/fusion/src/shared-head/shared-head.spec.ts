import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features, matrix } from '../heads/fusion.fixture.js';
import { entropy, entropyFusion, sharedHead } from './shared-head.js';

const AUDIO = [
  [2, 0, -1],
  [0.5, 0.4, 0.3],
];
const VISUAL = [
  [0.2, 0.1, 0],
  [3, -1, 0],
];
const TEXT = [
  [1, 1, 1],
  [0, 2, 0],
];
const identity = () => ({ 'head/kernel': tf.eye(3) as tf.Tensor, 'head/bias': tf.zeros([3]) });
const context = { modalities: ['audio', 'visual'], featureSizes: { audio: 3, visual: 3, text: 3 }, classes: 3 };

describe('shared-head', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('measures the entropy of each row', () => {
    expectRows(entropy(matrix(AUDIO)), [[0.524267], [1.095287]]);
    expectRows(entropy(matrix(VISUAL)), [[1.095287], [0.274313]]);
  });

  it('weighs modalities by their confidence, row by row', () => {
    const { logits } = apply(sharedHead(context, { combine: 'entropy' }), identity(), features({ audio: AUDIO, visual: VISUAL }));
    expectRows(logits, [
      [1.350198, 0.0361, -0.638999],
      [2.236108, -0.57222, 0.091667],
    ]);
    const weights = [
      [0.46992, 0.265481, 0.264599],
      [0.20792, 0.472543, 0.319536],
    ];
    expectRows(
      entropyFusion([matrix(AUDIO), matrix(VISUAL), matrix(TEXT)]),
      weights.map(([a, v, t], row) => AUDIO[row]!.map((x, c) => a! * x + v! * VISUAL[row]![c]! + t! * TEXT[row]![c]!)),
    );
  });

  it('averages and adds', () => {
    const given = features({ audio: AUDIO, visual: VISUAL });
    const sums = AUDIO.map((row, i) => row.map((x, c) => x + VISUAL[i]![c]!));
    expectRows(apply(sharedHead(context, { combine: 'sum' }), identity(), given).logits, sums);
    const { logits, unimodal } = apply(sharedHead(context), identity(), given);
    expectRows(
      logits,
      sums.map((row) => row.map((x) => x / 2)),
    );
    expectRows(unimodal['visual']!, VISUAL);
  });

  it('has one head, and maps only where sizes differ', () => {
    const shapes = (fusion: ReturnType<typeof sharedHead>) =>
      Object.fromEntries(Object.entries(fusion.init(new RandomStream(1)).params).map(([path, leaf]) => [path, leaf.shape]));
    expect(shapes(sharedHead(context))).toEqual({ 'head/kernel': [3, 3], 'head/bias': [3] });
    expect(shapes(sharedHead({ ...context, featureSizes: { audio: 2, visual: 4 } }))).toMatchObject({
      'maps/visual/kernel': [4, 2],
      'head/kernel': [2, 3],
    });
  });

  it('takes a hidden layer', () => {
    const fusion = sharedHead(context, { hidden: 5 });
    const { params } = fusion.init(new RandomStream(1));
    expect(Object.keys(params).sort()).toEqual(['bias', 'kernel'].flatMap((leaf) => [`head/hidden/${leaf}`, `head/output/${leaf}`]).sort());
    const given = {
      'head/hidden/kernel': tf.tensor2d([
        [1, -1],
        [0, 0],
        [0, 0],
      ]),
      'head/hidden/bias': tf.zeros([2]) as tf.Tensor,
      'head/output/kernel': tf.tensor2d([
        [1, 0, 0],
        [0, 1, 0],
      ]),
      'head/output/bias': tf.zeros([3]) as tf.Tensor,
    };
    const { unimodal } = apply(
      sharedHead(context, { hidden: 2 }),
      given,
      features({
        audio: [
          [2, 5, 5],
          [-3, 5, 5],
        ],
        visual: VISUAL,
      }),
    );
    expectRows(unimodal['audio']!, [
      [2, 0, 0],
      [0, 3, 0],
    ]);
  });
});
