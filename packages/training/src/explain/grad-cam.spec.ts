import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Encoder, Fusion } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeAll, type StageWork } from '../model/encode.js';
import type { Model } from '../model/model.js';
import { gradCam } from './grad-cam.js';

const CHANNELS = 3;
const CLASSES = 2;
/** Weights of a linear head on pooled maps: [channels, classes]. */
const HEAD = [0.5, -1, -0.25, 2, 1, 0.125];

/** The first stage squares its input into three channels, the second adds a half of it; pooled maps are the features. */
function encoder(time = false): Encoder {
  return {
    featureSize: CHANNELS,
    init: () => ({ params: {}, state: {} }),
    apply: () => {
      throw new Error('a tapped encoder goes stage by stage');
    },
    stages: {
      channels: [CHANNELS, CHANNELS],
      run: (_, stage, x) => (stage === 1 ? tf.concat([x, tf.square(x), tf.neg(x)], -1) : tf.mul(x, 1.5)),
      end: (_, maps) => tf.mean(maps, time ? [1, 2, 3] : [1, 2]),
    },
  };
}

function model(image: Encoder, head: (features: Readonly<Record<string, Tensor>>) => Tensor): Model {
  const text: Encoder = { featureSize: 1, init: () => ({ params: {}, state: {} }), apply: (_, features) => ({ features }) };
  const encoders = { image, text };
  const modalities = ['image', 'text'];
  const fusion = {} as Fusion;
  const uses = { fusion: 'fusion', encoders: { image: 'encoder of image', text: 'encoder of text' } };
  return {
    ...{ modalities, classes: CLASSES, encoders, fusion, methods: [] },
    encode: (scope: never, inputs: Record<string, Tensor>, work?: StageWork) =>
      encodeAll({ modalities, encoders, fusion, uses }, scope, inputs, work),
    fuse: (_: never, features: Record<string, Tensor>) => ({
      logits: head(features),
      unimodal: { image: tf.neg(head(features)), text: features['text']! },
    }),
  } as unknown as Model;
}

const linear = (features: Readonly<Record<string, Tensor>>): Tensor =>
  tf.matMul(features['image'] as tf.Tensor2D, tf.tensor2d(HEAD, [CHANNELS, CLASSES]));
const NOTHING = { params: {}, state: {} };
const VALUES = [0.5, -1, 2, 0.25, 1.5, -0.5, -2, 1];
const inputs = () => ({ image: tf.tensor4d(VALUES, [2, 2, 2, 1]), text: tf.zeros([2, 1]) });

describe('Grad-CAM', () => {
  beforeAll(() => startTestEngine());
  let before = 0;
  beforeEach(() => {
    tf.engine().startScope();
    before = tf.memory().numTensors;
  });
  afterEach(() => tf.engine().endScope());

  /** ReLU(sum_k w_k A_k), scaled to a largest value of 1; w_k of the class over the 4 places. */
  function expected(sample: number, label: number, sign = 1): number[] {
    const raw = VALUES.slice(4 * sample, 4 * sample + 4).map((x) => {
      const maps = [x, x * x, -x].map((value) => 1.5 * value);
      return Math.max(
        0,
        maps.reduce((sum, a, k) => sum + (sign * HEAD[k * CLASSES + label]! * a) / 4, 0),
      );
    });
    const most = Math.max(...raw);
    return raw.map((value) => (most > 0 ? value / most : 0));
  }

  it('weighs the maps of a linear model by the weights of its class', () => {
    const { maps, logits } = gradCam(model(encoder(), linear), NOTHING, inputs(), Int32Array.of(0, 1), { modality: 'image' });
    expect(maps.shape).toEqual([2, 2, 2]);
    const values = [...maps.dataSync()];
    for (const [i, value] of [...expected(0, 0), ...expected(1, 1)].entries()) expect(values[i]).toBeCloseTo(value, 5);
    expect(logits.shape).toEqual([2, CLASSES]);
    // The inputs and the two results.
    expect(tf.memory().numTensors - before).toBe(4);
  });

  it("explains a modality's own read-out where that is asked for", () => {
    const own = gradCam(model(encoder(), linear), NOTHING, inputs(), Int32Array.of(0, 1), { modality: 'image', readOut: 'own' });
    const values = [...own.maps.dataSync()];
    for (const [i, value] of [...expected(0, 0, -1), ...expected(1, 1, -1)].entries()) expect(values[i]).toBeCloseTo(value, 5);
  });

  it('takes the gradient at the stage that is asked for, through what follows, as finite differences find it', () => {
    const curved = (features: Readonly<Record<string, Tensor>>): Tensor => tf.square(linear(features));
    const { maps } = gradCam(model(encoder(), curved), NOTHING, inputs(), Int32Array.of(1, 1), { modality: 'image', stage: 1 });
    const logit = (values: readonly number[]): number => {
      const pooled = Array.from({ length: CHANNELS }, (_, k) =>
        [0, 1, 2, 3].reduce((sum, p) => sum + (1.5 * values[p * CHANNELS + k]!) / 4, 0),
      );
      return pooled.reduce((sum, value, k) => sum + value * HEAD[k * CLASSES + 1]!, 0) ** 2;
    };
    for (const sample of [0, 1]) {
      const own = VALUES.slice(4 * sample, 4 * sample + 4).flatMap((x) => [x, x * x, -x]);
      const weights = Array.from({ length: CHANNELS }, (_, k) => {
        const slopes = [0, 1, 2, 3].map((p) => {
          const moved = (by: number): number => logit(own.map((value, i) => (i === p * CHANNELS + k ? value + by : value)));
          return (moved(1e-5) - moved(-1e-5)) / 2e-5;
        });
        return slopes.reduce((sum, slope) => sum + slope, 0) / 4;
      });
      const raw = [0, 1, 2, 3].map((p) =>
        Math.max(
          0,
          weights.reduce((sum, w, k) => sum + w * own[p * CHANNELS + k]!, 0),
        ),
      );
      const most = Math.max(...raw);
      expect(most).toBeGreaterThan(0);
      const values = [...maps.dataSync()].slice(4 * sample, 4 * sample + 4);
      for (const [i, value] of raw.entries()) expect(values[i]).toBeCloseTo(value / most, 4);
    }
  });

  it('averages maps over time', () => {
    const still = { ...inputs(), image: tf.tile(tf.expandDims(inputs().image, 1), [1, 3, 1, 1, 1]) };
    const { maps } = gradCam(model(encoder(true), linear), NOTHING, still, Int32Array.of(0, 1), { modality: 'image' });
    expect(maps.shape).toEqual([2, 2, 2]);
    const values = [...maps.dataSync()];
    for (const [i, value] of [...expected(0, 0), ...expected(1, 1)].entries()) expect(values[i]).toBeCloseTo(value, 5);
  });

  it('says what cannot be explained', () => {
    const refuse = (target: Parameters<typeof gradCam>[4]) => () =>
      gradCam(model(encoder(), linear), NOTHING, inputs(), Int32Array.of(0, 1), target);
    expect(refuse({ modality: 'sound' })).toThrow('the model has no modality "sound"');
    expect(refuse({ modality: 'text' })).toThrow(/"text" cannot be explained: it has no stages/);
    expect(refuse({ modality: 'image', stage: 3 })).toThrow(/has no stage 3/);
    const flat = {
      ...encoder(),
      featureSize: 4,
      stages: { ...encoder().stages!, run: (_: never, __: number, x: Tensor) => tf.reshape(x, [2, 4]), end: (_: never, x: Tensor) => x },
    };
    const shapeless = model(flat as unknown as Encoder, (features) => tf.slice2d(features['image'] as tf.Tensor2D, [0, 0], [-1, CLASSES]));
    expect(() => gradCam(shapeless, NOTHING, inputs(), Int32Array.of(0, 1), { modality: 'image' })).toThrow(/without height and width/);
  });
});
