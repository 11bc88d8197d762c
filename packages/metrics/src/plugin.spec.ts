import { Host } from '@equimodal/core';
import { expect, it } from 'vitest';
import plugin from './index.js';

it('gives every metric its key in metrics.json', () => {
  const host = new Host([plugin]);
  const keys = host.ids('metric').map((id) => {
    const options = host.piece('metric', id).options.parse({});
    return host.create('metric', { use: id, options }, {}).key;
  });
  expect(keys).toEqual([
    'accuracy',
    'macroF1',
    'map',
    'ece',
    'modalityGap',
    'linearProbe',
    'shapley',
    'missingRobustness',
    'noiseRobustness',
  ]);
});
