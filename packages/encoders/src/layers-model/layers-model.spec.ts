import { RandomStream, type Encoder, type ModalitySpec, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree, openScope, valueAndGradients } from '@equimodal/nn';
import { expectNoLeak, normal } from '@equimodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import * as keras from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromLayersModel } from './layers-model.js';

const vector: ModalitySpec = { name: 'audio', kind: 'vector', shape: [4] };
const network = (): keras.LayersModel =>
  keras.sequential({
    layers: [
      keras.layers.dense({ units: 5, inputShape: [4], activation: 'tanh' }),
      keras.layers.batchNormalization({ momentum: 0.9 }),
      keras.layers.dense({ units: 3, useBias: false }),
    ],
  });
const encoderOf = (model: keras.LayersModel, modality = vector): Encoder =>
  fromLayersModel(model, { id: 'mine' }).create({}, { modality }, { resolve: () => undefined as never });
const pass = (encoder: Encoder, params: Tree, state: Tree, training: boolean, input: tf.Tensor) => {
  const { scope, newState } = openScope({ params, state, training, key: tf.tensor1d([1, 2], 'int32') });
  return { ...encoder.apply(scope, input), newState: newState() };
};

describe('fromLayersModel', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('puts weights at paths that do not depend on the process', () => {
    for (const model of [network(), network()]) {
      const { params, state } = encoderOf(model).init(new RandomStream(1));
      expect(Object.keys(params)).toEqual(['0/kernel', '0/bias', '1/gamma', '1/beta', '2/kernel']);
      expect(Object.keys(state)).toEqual(['1/moving_mean', '1/moving_variance']);
      disposeTree(params);
      disposeTree(state);
      model.dispose();
    }
  });

  it('computes what the model computes, in evaluation', () => {
    const model = network();
    const encoder = encoderOf(model);
    const { params, state } = encoder.init(new RandomStream(1));
    const input = normal([6, 4], 'x');
    tf.tidy(() => {
      expect([...pass(encoder, params, state, false, input).features.dataSync()]).toEqual([
        ...(model.predict(input) as tf.Tensor).dataSync(),
      ]);
    });
    for (const tree of [params, state, { input }]) disposeTree(tree);
    model.dispose();
  });

  it('has the gradients of the model, and moves averages as it does, without touching it', () => {
    const model = network();
    const encoder = encoderOf(model);
    const { params, state } = encoder.init(new RandomStream(1));
    const input = normal([6, 4], 'x');
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    tf.tidy(() => {
      const { gradients } = valueAndGradients(
        () => ({ value: tf.sum(tf.square(pass(encoder, params, state, true, input).features)), aux: {} }),
        params,
      );
      expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
      // The model itself, by TensorFlow.js' own way.
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(model.apply(input, { training: true }) as tf.Tensor)));
      const theirs = Object.values(grads).map((leaf) => [...leaf.dataSync()]);
      for (const [i, path] of Object.keys(params).entries()) {
        for (const [j, value] of theirs[i]!.entries()) expect(gradients[path]!.dataSync()[j]).toBeCloseTo(value, 4);
      }
    });
    tf.tidy(() => {
      const { newState } = pass(encoder, params, state, true, input);
      const hidden = tf.tanh(tf.add(tf.matMul(input as tf.Tensor2D, params['0/kernel'] as tf.Tensor2D), params['0/bias']!));
      const mean = tf.mul(tf.mean(hidden, 0), 0.1).dataSync();
      for (const [i, value] of mean.entries()) expect(newState['1/moving_mean']!.dataSync()[i]).toBeCloseTo(value, 5);
    });
    for (const tree of [params, state, { input }]) disposeTree(tree);
    model.dispose();
  });

  it('leaves no tensor behind', () => {
    const model = network();
    const encoder = encoderOf(model);
    const { params, state } = encoder.init(new RandomStream(1));
    expectNoLeak(() => tf.tidy(() => void pass(encoder, params, state, true, normal([6, 4], 'x'))));
    for (const tree of [params, state]) disposeTree(tree);
    model.dispose();
  });

  it.each([
    ['another shape', () => network(), { ...vector, shape: [5] }, /takes \[4\]; the modality is \[5\]/],
    [
      'maps instead of a vector',
      () => keras.sequential({ layers: [keras.layers.dense({ units: 2, inputShape: [3, 4] })] }),
      { ...vector, shape: [3, 4] },
      /gives \[3, 2\]/,
    ],
  ])('refuses a model of %s', (_what, make, modality, message) => {
    const model = make();
    expect(() => encoderOf(model, modality)).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', message: expect.stringMatching(message) as string }),
    );
    model.dispose();
  });
});
