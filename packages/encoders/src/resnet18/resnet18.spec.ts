import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { resnet18 } from './resnet18.js';
import fixture from './resnet18.fixture.json' with { type: 'json' };

describe('resnet18', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['imagenet', 64, fixture.imagenet],
    ['small', 16, fixture.small],
  ] as const)('agrees with PyTorch over two training steps and an evaluation: %s stem', (stem, size, expected) => {
    const encoder = make(resnet18, { stem, width: fixture.width }, 'image', [size, size, 1]);
    const variables = start(encoder);
    const params = filled(variables.params);
    let state: Tree = variables.state;
    const [first, second] = expected.steps;
    const one = pass(encoder, { params, state }, sequence('step 0', [2, size, size, 1]), { weights: sequence('weights 0', [2, 32]) });
    expectClose(one.features, first!.features, 5e-5, 'features');
    expect(one.stageShapes).toEqual(first!.stageShapes);
    for (const [i, sum] of first!.stageSums!.entries()) expect(Math.abs(one.stageSums[i]! / sum - 1), `stage ${i}`).toBeLessThan(1e-4);
    for (const [path, gradient] of Object.entries(first!.gradients!))
      expectClose(one.gradients[path]!, gradient, 2e-4, `the gradient of ${path}`);
    expect(Object.keys(params).sort()).toEqual(Object.keys(first!.gradientSums!).sort());
    for (const [path, sum] of Object.entries(first!.gradientSums!))
      expect(Math.abs(absoluteSum(one.gradients[path]!) / sum - 1), path).toBeLessThan(5e-4);
    state = one.state;
    const two = pass(encoder, { params, state }, sequence('step 1', [2, size, size, 1]));
    expectClose(two.features, second!.features, 5e-5, 'features of the second step');
    for (const [path, statistic] of Object.entries(expected.state)) expectClose(two.state[path]!, statistic, 5e-5, path);
    const evaluated = pass(encoder, { params, state: two.state }, sequence('evaluation', [2, size, size, 1]), { training: false });
    expectClose(evaluated.features, expected.evaluation, 5e-5, 'features in evaluation');
  });

  it('has the parameters of ResNet-18: 11.18 million without the classifier', () => {
    const encoder = make(resnet18, {}, 'image', [32, 32, 3]);
    const { params, state } = start(encoder);
    expect(encoder.featureSize).toBe(512);
    // torchvision's 11,689,512 less the classifier's 513,000.
    expect(Object.values(params).reduce((sum, leaf) => sum + leaf.size, 0)).toBe(11_176_512);
    expect(params['conv1/kernel']!.shape).toEqual([7, 7, 3, 64]);
    expect(params['layer2/0/downsample/0/kernel']!.shape).toEqual([1, 1, 64, 128]);
    expect(Object.keys(params).filter((path) => path.startsWith('layer1/0/'))).toEqual([
      'layer1/0/conv1/kernel',
      'layer1/0/bn1/scale',
      'layer1/0/bn1/offset',
      'layer1/0/conv2/kernel',
      'layer1/0/bn2/scale',
      'layer1/0/bn2/offset',
    ]);
    expect(Object.keys(state)).toHaveLength(40);
    tf.dispose([...Object.values(params), ...Object.values(state)]);
  });

  it('averages the frames of a video', () => {
    const image = make(resnet18, { width: 2, stem: 'small' }, 'image', [8, 8, 1]);
    const video = make(resnet18, { width: 2, stem: 'small' }, 'video', [3, 8, 8, 1]);
    const variables = start(video);
    const clips = sequence('clips', [2, 3, 8, 8, 1]);
    const whole = pass(video, variables, clips, { training: false });
    const frames = pass(image, variables, tf.reshape(clips, [6, 8, 8, 1]), { training: false });
    const mean = tf.mean(tf.reshape(frames.features, [2, 3, 16]), 1);
    expectClose(whole.features, { shape: [2, 16], data: [...mean.dataSync()] }, 1e-5, 'features');
    expect(whole.stageShapes).toEqual([
      [2, 24, 8, 2],
      [2, 12, 4, 4],
      [2, 6, 2, 8],
      [2, 3, 1, 16],
    ]);
  });

  it('refuses other kinds and malformed options', () => {
    expect(() => make(resnet18, {}, 'sequence', [3, 3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(resnet18.options.safeParse({ stem: 'large' }).success).toBe(false);
    expect(resnet18.options.safeParse({ depth: 34 }).success).toBe(false);
  });
});
