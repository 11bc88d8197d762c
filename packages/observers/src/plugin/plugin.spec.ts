import { Host } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import plugin, { observers } from '../index.js';

describe('the plugin', () => {
  it('is what a host loads by the name of the package', () => {
    expect(plugin).toBe(observers);
    expect(new Host([plugin]).ids('observer')).toEqual(['jsonl', 'csv', 'progress', 'tensorboard']);
  });

  it('has a default and a description for every option', () => {
    for (const { piece } of new Host([plugin]).pieces('observer')) {
      expect(piece.options.safeParse({}).success, piece.id).toBe(true);
      for (const [name, option] of Object.entries(piece.options.shape)) {
        expect((option as { description?: string }).description, `${piece.id}.${name}`).toBeTruthy();
      }
    }
  });

  it('makes every observer without a run folder', () => {
    const host = new Host([plugin]);
    for (const { piece } of host.pieces('observer')) {
      const observer = host.create('observer', { use: piece.id, options: piece.options.parse({}) }, { runDir: undefined, label: 'x' });
      expect(typeof observer.start).toBe('function');
    }
  });
});
