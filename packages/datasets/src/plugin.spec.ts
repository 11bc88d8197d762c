import { Host, optionsJsonSchema } from '@equimodal/core';
import { expect, it } from 'vitest';
import plugin, { datasets } from './index.js';

it('provides the datasets', () => {
  const host = new Host([plugin]);
  expect(datasets).toBe(plugin);
  expect(host.ids('dataset')).toEqual(['synthetic-av', 'av-mnist-style', 'features', 'synthetic', 'sarcasm', 'twitter2015']);
});

it('describes every option', () => {
  for (const { piece } of new Host([plugin]).pieces('dataset')) {
    const schema = optionsJsonSchema(piece.options) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, option] of Object.entries(schema.properties)) expect(option.description, `${piece.id}.${name}`).toBeTruthy();
  }
});
