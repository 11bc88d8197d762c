import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { make } from '../input/parity.fixture.js';
import { defaults, expectAgreement, expectFramesAveraged } from '../resnet/agreement.fixture.js';
import { resnet34 } from './resnet34.js';
import fixture from './resnet34.fixture.json' with { type: 'json' };

describe('resnet34', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['imagenet', 64, fixture.imagenet],
    ['small', 16, fixture.small],
  ] as const)('agrees with PyTorch over two training steps and an evaluation: %s stem', (stem, size, expected) => {
    expectAgreement(resnet34, { stem, width: fixture.width }, size, expected, '/bn2/scale');
  });

  it('has the parameters of ResNet-34 without the classifier', () => {
    const { featureSize, shapes, count, statistics } = defaults(resnet34, 'image', 3);
    expect(featureSize).toBe(512);
    // torchvision's 21,797,672 less the classifier's 513,000.
    expect(count).toBe(21_284_672);
    expect(statistics).toBe(72);
    expect(shapes['conv1/kernel']).toEqual([7, 7, 3, 64]);
    expect(shapes['layer3/5/conv2/kernel']).toEqual([3, 3, 256, 256]);
    expect(shapes['layer2/0/downsample/0/kernel']).toEqual([1, 1, 64, 128]);
    expect(shapes['layer1/0/downsample/0/kernel']).toBeUndefined();
  });

  it('takes a spectrogram of any number of channels', () => {
    const { shapes, count } = defaults(resnet34, 'spectrogram', 1);
    expect(shapes['conv1/kernel']).toEqual([7, 7, 1, 64]);
    expect(count).toBe(21_284_672 - 2 * 7 * 7 * 64);
  });

  it('averages the frames of a video', () => {
    expectFramesAveraged(resnet34, 8);
  });

  it('refuses other kinds and malformed options', () => {
    expect(() => make(resnet34, {}, 'sequence', [3, 3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(resnet34.options.safeParse({ stem: 'large' }).success).toBe(false);
    expect(resnet34.options.safeParse({ width: 0 }).success).toBe(false);
  });
});
