import { describe, expect, it } from 'vitest';
import { differences } from './diff.js';

describe('differences', () => {
  it('names each place once, with both sides', () => {
    const a = { id: 'x', training: { epochs: 20, rate: 0.1 }, losses: [{ use: 'ce', weight: 1 }], hidden: [1, 2], alpha: null };
    const b = {
      id: 'x',
      training: { epochs: 40, rate: 0.1 },
      losses: [{ use: 'ce', weight: 2 }, { use: 'nce' }],
      hidden: [1, 3],
      extra: true,
    };
    expect(differences(a, b)).toEqual([
      { path: 'training.epochs', a: 20, b: 40 },
      { path: 'losses.0.weight', a: 1, b: 2 },
      { path: 'losses.1', a: undefined, b: { use: 'nce' } },
      { path: 'hidden', a: [1, 2], b: [1, 3] },
      { path: 'alpha', a: null, b: undefined },
      { path: 'extra', a: undefined, b: true },
    ]);
    expect(differences(a, structuredClone(a))).toEqual([]);
    expect(differences(null, { a: 1 })).toEqual([{ path: '', a: null, b: { a: 1 } }]);
  });
});
