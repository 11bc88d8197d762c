import { describe, expect, it } from 'vitest';
import { checkPadding, resolvePadding } from './padding.js';

describe('resolvePadding', () => {
  it('lets the op pad itself where symmetric padding and same place every window alike', () => {
    expect(resolvePadding([8, 8], [3, 3], [1, 1], 1, 'x')).toEqual({ pad: 'same', output: [8, 8] });
    expect(resolvePadding([7, 7], [3, 3], [2, 2], 1, 'x')).toEqual({ pad: 'same', output: [4, 4] });
  });

  it('pads only what a window reaches otherwise', () => {
    expect(resolvePadding([8, 8], [3, 3], [2, 2], 1, 'x')).toEqual({
      pad: 'valid',
      explicit: [
        [1, 0],
        [1, 0],
      ],
      output: [4, 4],
    });
    expect(resolvePadding([64, 64], [7, 7], [2, 2], 3, 'x')).toEqual({
      pad: 'valid',
      explicit: [
        [3, 2],
        [3, 2],
      ],
      output: [32, 32],
    });
    expect(resolvePadding([8, 7], [3, 3], [2, 2], 1, 'x').explicit).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('has PyTorch’s output size for every small case, and the padded rows are enough for it', () => {
    for (let n = 3; n < 10; n++) {
      for (const k of [1, 2, 3, 5])
        for (const s of [1, 2, 3])
          for (const p of [0, 1, 2]) {
            if (n + 2 * p < k) continue;
            const { pad, explicit, output } = resolvePadding([n, n], [k, k], [s, s], p, 'x');
            expect(output[0]).toBe(Math.floor((n + 2 * p - k) / s) + 1);
            const total = n + (explicit?.[0][0] ?? 0) + (explicit?.[0][1] ?? 0);
            expect(pad === 'same' ? Math.ceil(n / s) : Math.floor((total - k) / s) + 1).toBe(output[0]);
            expect(explicit?.[0][1] ?? 0).toBeLessThanOrEqual(p);
          }
    }
  });

  it('never lets same stand in where padded zeros count', () => {
    expect(resolvePadding([8, 8], [3, 3], [1, 1], 1, 'x', false).explicit).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it('takes three axes, each for itself', () => {
    expect(resolvePadding([4, 7, 8], [1, 3, 3], [1, 2, 2], 'same', 'x')).toEqual({ pad: 'same', output: [4, 4, 4] });
    expect(resolvePadding([5, 7, 7], [3, 3, 3], [1, 2, 2], 1, 'x')).toEqual({ pad: 'same', output: [5, 4, 4] });
    expect(resolvePadding([5, 7, 8], [3, 3, 3], [1, 2, 2], 1, 'x')).toEqual({
      pad: 'valid',
      explicit: [
        [1, 1],
        [1, 1],
        [1, 0],
      ],
      output: [5, 4, 4],
    });
    expect(() => resolvePadding([1, 8, 8], [2, 7, 7], [1, 1, 1], 'valid', 'x')).toThrow(
      /2 x 7 x 7 does not fit into an input of 1 x 8 x 8/,
    );
  });

  it('refuses a window that does not fit, and malformed paddings', () => {
    expect(() => resolvePadding([2, 8], [3, 3], [1, 1], 'valid', 'enc/conv1')).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'enc/conv1' }),
    );
    expect(() => checkPadding(-1, 'x')).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    expect(() => checkPadding(0.5, 'x')).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    expect(checkPadding('same', 'x')).toBe('same');
  });
});
