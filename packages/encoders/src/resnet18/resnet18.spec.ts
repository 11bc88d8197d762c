import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaults, describeMember } from '../resnet/agreement.fixture.js';
import { resnet18 } from './resnet18.js';
import fixture from './resnet18.fixture.json' with { type: 'json' };

describeMember(resnet18, { fixture, times: 8 });

describe('resnet18', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('has the parameters of ResNet-18: 11.18 million without the classifier', () => {
    const { featureSize, shapes, count, statistics } = defaults(resnet18, 'image', 3);
    expect(featureSize).toBe(512);
    // torchvision's 11,689,512 less the classifier's 513,000.
    expect(count).toBe(11_176_512);
    expect(shapes['conv1/kernel']).toEqual([7, 7, 3, 64]);
    expect(shapes['layer2/0/downsample/0/kernel']).toEqual([1, 1, 64, 128]);
    expect(Object.keys(shapes).filter((path) => path.startsWith('layer1/0/'))).toEqual([
      'layer1/0/conv1/kernel',
      'layer1/0/bn1/scale',
      'layer1/0/bn1/offset',
      'layer1/0/conv2/kernel',
      'layer1/0/bn2/scale',
      'layer1/0/bn2/offset',
    ]);
    expect(statistics).toBe(40);
  });
});
