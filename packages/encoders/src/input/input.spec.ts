import type { ModalityKind } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { checkLength, checkModality } from './input.js';

describe('checkModality', () => {
  const check =
    (kind: ModalityKind, shape: number[], accepts: ModalityKind[] = ['image', 'sequence', 'video']) =>
    () =>
      checkModality('x', accepts, { name: 'm', kind, shape });

  it('accepts a shape of the rank its kind has', () => {
    expect(check('image', [8, 8, 3])).not.toThrow();
    expect(check('sequence', [10, 4])).not.toThrow();
    expect(check('video', [5, 8, 8, 3])).not.toThrow();
  });

  it.each<[string, ModalityKind, number[]]>([
    ['another kind', 'tokens', [4]],
    ['another rank', 'image', [8, 8]],
    ['a size of zero', 'image', [8, 8, 0]],
    ['a broken size', 'sequence', [2.5, 4]],
  ])('refuses %s', (_name, kind, shape) => {
    expect(check(kind, shape)).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' }));
  });
});

describe('checkLength', () => {
  it('refuses texts longer than the positions, no others', () => {
    const length = (tokens: number) => () => checkLength('x', { name: 'm', kind: 'tokens', shape: [tokens] }, 8);
    expect(length(8)).not.toThrow();
    expect(length(9)).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' }));
  });
});
