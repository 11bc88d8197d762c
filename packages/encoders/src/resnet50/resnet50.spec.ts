import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaults, describeMember } from '../resnet/agreement.fixture.js';
import { resnet50 } from './resnet50.js';
import fixture from './resnet50.fixture.json' with { type: 'json' };

describeMember(resnet50, { fixture, times: 32, damped: '/bn3/scale' });

describe('resnet50', () => {
  beforeAll(async () => {
    await startTestEngine();
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
});
