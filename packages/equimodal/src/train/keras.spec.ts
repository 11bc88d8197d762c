import * as tf from '@tensorflow/tfjs-core';
import * as keras from '@tensorflow/tfjs-layers';
import { startTestEngine } from '@equimodal/engine';
import { replayCheck } from '@equimodal/testing';
import { describe, expect, it } from 'vitest';
import { fromLayersModel, openExperiment, train } from '../index.js';

const experiment = {
  dataset: { use: 'synthetic-av', train: 300, validation: 100, test: 200, classes: 4, imageSnr: 0 },
  encoders: { default: { use: 'mlp', hidden: [16], features: 12 }, image: 'my-cnn' },
  training: { epochs: 6, batchSize: 50, optimizer: { use: 'adam', learningRate: 0.01 } },
  recipes: ['concat'],
};

describe('a Keras model as encoder', () => {
  it('trains, replays as a graph, repeats exactly, and is itself left as it was', async () => {
    const engine = await startTestEngine();
    const { dataset } = await openExperiment({ ...experiment, encoders: { default: 'mlp' } }, { engine });
    const image = dataset.modalities.find(({ name }) => name === 'image')!;
    // Keras draws initial weights from its own, unseeded stream unless told a seed.
    const kernelInitializer = keras.initializers.glorotUniform({ seed: 7 });
    const model = keras.sequential({
      layers: [
        keras.layers.conv2d({
          inputShape: [...image.shape],
          filters: 4,
          kernelSize: 3,
          strides: 2,
          activation: 'relu',
          kernelInitializer,
        }),
        keras.layers.batchNormalization({ momentum: 0.5 }),
        keras.layers.flatten(),
        keras.layers.dense({ units: 12, kernelInitializer }),
      ],
    });
    const before = model.getWeights().map((weight) => [...weight.dataSync()]);
    const pieces = [fromLayersModel(model, { id: 'my-cnn' })];
    const check = replayCheck(engine);
    const tensors = tf.memory().numTensors;
    const run = await train(experiment, { pieces, engine: check.engine });
    check.verify();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(run.metrics!.test.perModality['image']!['accuracy']).toBeGreaterThan(0.4);
    expect((await train(experiment, { pieces, engine })).metrics).toEqual(run.metrics);
    expect(model.getWeights().map((weight) => [...weight.dataSync()])).toEqual(before);
    model.dispose();
  });
});
