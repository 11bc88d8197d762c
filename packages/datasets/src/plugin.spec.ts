import { Host, optionsJsonSchema } from '@equimodal/core';
import { expect, it } from 'vitest';
import plugin, { datasets } from './index.js';

it('provides its datasets', () => {
  const host = new Host([plugin]);
  expect(datasets).toBe(plugin);
  const own = [
    'multi-view',
    'mosi',
    'mosei',
    'ur-funny',
    'mmsd',
    'av-mnist',
    'modelnet40',
    'folders',
    'crema-d',
    'kinetics-sounds',
    'vggsound',
    'nvgesture',
    'ucf101',
    'iemocap',
    'iemocap-features',
    'sarcasm',
    'twitter2015',
  ];
  expect(host.ids('dataset')).toEqual(['synthetic-av', 'av-mnist-style', 'features', 'synthetic', ...own]);
});

it('describes every option', () => {
  for (const { piece } of new Host([plugin]).pieces('dataset')) {
    const schema = optionsJsonSchema(piece.options) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, option] of Object.entries(schema.properties)) expect(option.description, `${piece.id}.${name}`).toBeTruthy();
  }
});
