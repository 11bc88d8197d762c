import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { make, start } from '../input/parity.fixture.js';
import { expectAgreement, expectFramesAveraged } from '../resnet/agreement.fixture.js';
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
    expectAgreement(resnet18, { stem, width: fixture.width }, size, expected);
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
    expectFramesAveraged(resnet18, 8);
  });

  it('refuses other kinds and malformed options', () => {
    expect(() => make(resnet18, {}, 'sequence', [3, 3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(resnet18.options.safeParse({ stem: 'large' }).success).toBe(false);
    expect(resnet18.options.safeParse({ depth: 34 }).success).toBe(false);
  });
});
