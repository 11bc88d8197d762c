import { Host } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { encoders } from './plugin.js';

describe('the plugin', () => {
  it('provides its encoders to a host, with options, facts and defaults', () => {
    const host = new Host([encoders]);
    expect(host.ids('encoder')).toEqual([
      'mlp',
      'lenet',
      'resnet18',
      'resnet34',
      'resnet50',
      'i3d',
      'lstm',
      'bilstm',
      'conv1d',
      'text-cnn',
      'transformer',
      'bert',
      'clip-text',
      'clip-image',
      'frozen',
    ]);
    for (const id of host.ids('encoder')) {
      const { description, facts, options } = host.piece('encoder', id);
      expect(description.length).toBeGreaterThan(20);
      const kind = (['image', 'sequence', 'tokens', 'video'] as const).find((one) => facts.accepts?.includes(one) ?? true)!;
      const encoder = host.create(
        'encoder',
        { use: id, options: options.parse(id === 'frozen' ? { encoder: 'lenet' } : {}) },
        { modality: { name: 'm', kind, shape: { image: [32, 32, 1], sequence: [6, 3], tokens: [6], video: [4, 32, 32, 1] }[kind] } },
      );
      expect(encoder.featureSize).toBeGreaterThan(0);
      expect(typeof encoder.init).toBe('function');
    }
  });
});
