import { describe, expect, it } from 'vitest';
import { count, dataRootOf, seeds } from './options.js';
import { columns } from './output/print.js';

describe('flags', () => {
  it('read seeds as a list or a range, without repeats', () => {
    expect(seeds('0,1,2')).toEqual([0, 1, 2]);
    expect(seeds('3..5,4')).toEqual([3, 4, 5]);
    for (const wrong of ['', 'one', '1,,2', '-1', '1.5', '5..3']) expect(() => seeds(wrong), wrong).toThrow(/whole numbers/);
  });

  it('read counts of one or more', () => {
    expect(count('12')).toBe(12);
    for (const wrong of ['0', '-2', '1.5', 'many']) expect(() => count(wrong), wrong).toThrow(/whole number/);
  });

  it('prefer --data-root to the environment', () => {
    const before = process.env['EQUIMODAL_DATA'];
    process.env['EQUIMODAL_DATA'] = '/from/environment';
    expect(dataRootOf({})).toBe('/from/environment');
    expect(dataRootOf({ dataRoot: '/from/flag' })).toBe('/from/flag');
    process.env['EQUIMODAL_DATA'] = '';
    expect(dataRootOf({})).toBeUndefined();
    if (before === undefined) delete process.env['EQUIMODAL_DATA'];
    else process.env['EQUIMODAL_DATA'] = before;
  });
});

describe('output', () => {
  it('pads columns', () => {
    expect(
      columns([
        ['a', 'x'],
        ['long', 'y'],
      ]),
    ).toBe('a     x\nlong  y');
  });
});
