import { CONTRACT_VERSION, Host } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import plugin, { alphaSchedulers } from '../index.js';

describe('the plugin', () => {
  it('is what a host loads by the name of the package', () => {
    expect(plugin).toBe(alphaSchedulers);
    expect(plugin.contractVersion).toBe(CONTRACT_VERSION);
  });

  it('provides the schedulers', () => {
    expect(new Host([plugin]).ids('alpha-scheduler')).toEqual([
      'constant',
      'step',
      'heuristic',
      'exponential',
      'polynomial',
      'replay',
      'learned',
      'released-hvp',
    ]);
  });

  it('has defaults and a description for every option', () => {
    for (const { piece } of new Host([plugin]).pieces('alpha-scheduler')) {
      expect(piece.options.safeParse({}).success, piece.id).toBe(true);
      for (const [name, option] of Object.entries(piece.options.shape)) {
        expect((option as { description?: string }).description, `${piece.id}.${name}`).toBeTruthy();
      }
    }
  });

  it('starts every scheduler within [0, 1]', () => {
    const host = new Host([plugin]);
    for (const { piece } of host.pieces('alpha-scheduler')) {
      const options = piece.options.parse({});
      const { initial } = host.create('alpha-scheduler', { use: piece.id, options }, { epochs: 10 });
      expect(initial, piece.id).toBeGreaterThanOrEqual(0);
      expect(initial, piece.id).toBeLessThanOrEqual(1);
    }
  });
});
