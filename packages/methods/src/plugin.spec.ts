import { Host } from '@equimodal/core';
import { expect, it } from 'vitest';
import plugin from './index.js';

it('provides every method, each creatable with its defaults before anything is known of the data', () => {
  const host = new Host([plugin]);
  const ids = [
    'agm',
    'domfn',
    'g-blend',
    'greedy',
    'mla',
    'mmcosine',
    'mmpareto',
    'mses',
    'mslr',
    'ogm',
    'ogm-ge',
    'opm',
    'pmr',
    'reconboost',
    'relearning',
    'umt',
  ];
  expect([...host.ids('method')].sort()).toEqual([...ids, 'uniform', 'unimodal', 'unimodal-sum']);
  const context = { modalities: ['audio', 'image', 'text'], featureSizes: {}, classes: 0, epochs: 0 };
  const select = host.ids('method').flatMap((id) => {
    const given = id === 'unimodal' ? { modality: 'text' } : {};
    const options = host.piece('method', id).options.strict().parse(given);
    return host.create('method', { use: id, options }, context).selectModalities?.(context.modalities) ?? [];
  });
  expect(select).toEqual(['text']);
});
