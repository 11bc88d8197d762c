import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { make } from '../input/parity.fixture.js';
import { defaults, expectAgreement, expectFramesAveraged } from '../resnet/agreement.fixture.js';
import { resnet50 } from './resnet50.js';
import fixture from './resnet50.fixture.json' with { type: 'json' };

describe('resnet50', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['imagenet', 64, fixture.imagenet],
    ['small', 16, fixture.small],
  ] as const)('agrees with PyTorch over two training steps and an evaluation: %s stem', (stem, size, expected) => {
    expectAgreement(resnet50, { stem, width: fixture.width }, size, expected, '/bn3/scale');
  });

  it('has the parameters of ResNet-50 without the classifier', () => {
    const { featureSize, shapes, count, statistics } = defaults(resnet50, 'image', 3);
    expect(featureSize).toBe(2048);
    // torchvision's 25,557,032 less the classifier's 2,049,000.
    expect(count).toBe(23_508_032);
    expect(statistics).toBe(106);
    expect(shapes['conv1/kernel']).toEqual([7, 7, 3, 64]);
    expect(shapes['layer1/0/downsample/0/kernel']).toEqual([1, 1, 64, 256]);
    expect(shapes['layer2/0/conv1/kernel']).toEqual([1, 1, 256, 128]);
    expect(shapes['layer2/0/conv2/kernel']).toEqual([3, 3, 128, 128]);
    expect(shapes['layer2/0/conv3/kernel']).toEqual([1, 1, 128, 512]);
  });

  it('takes a spectrogram of any number of channels', () => {
    const { shapes, count } = defaults(resnet50, 'spectrogram', 1);
    expect(shapes['conv1/kernel']).toEqual([7, 7, 1, 64]);
    expect(count).toBe(23_508_032 - 2 * 7 * 7 * 64);
  });

  it('averages the frames of a video', () => {
    expectFramesAveraged(resnet50, 32);
  });

  it('refuses other kinds and malformed options', () => {
    expect(() => make(resnet50, {}, 'sequence', [3, 3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(resnet50.options.safeParse({ stem: 'large' }).success).toBe(false);
    expect(resnet50.options.safeParse({ width: 0 }).success).toBe(false);
  });
});
