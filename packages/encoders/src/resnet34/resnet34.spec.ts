import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaults, describeMember } from '../resnet/agreement.fixture.js';
import { resnet34 } from './resnet34.js';
import fixture from './resnet34.fixture.json' with { type: 'json' };

describeMember(resnet34, { fixture, times: 8, damped: '/bn2/scale' });

describe('resnet34', () => {
  beforeAll(async () => {
    await startTestEngine();
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
});
