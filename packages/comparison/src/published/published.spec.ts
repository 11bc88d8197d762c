import { describe, expect, it } from 'vitest';
import { builtInRecipes } from '../recipes/recipes.js';
import { publishedFigure, publishedFor, publishedSources } from './published.js';

const row = (id: string, recipe = id, encoders: string[] = ['resnet18']) => ({ id, recipe, encoders });

describe('published figures', () => {
  it('are of recipes that there are, and within 0 and 100', () => {
    const known = (builtInRecipes().recipes ?? []).map(({ id }) => id);
    for (const { tables } of publishedSources())
      for (const { rows } of tables) for (const { recipe } of rows) expect(known).toContain(recipe.split('/')[0]);
  });

  it('are found by row, then by recipe, as fractions, the paper first', () => {
    const [paper, benchmark] = publishedFor('crema-d', [
      row('concat'),
      row('mine', 'lfm-lb'),
      row('unimodal/visual', 'unimodal'),
      row('unknown'),
    ]);
    expect(paper!.label).toBe('LFM paper');
    expect(paper!.rows.map(({ recipe }) => recipe)).toEqual(['concat', 'mine', 'unimodal/visual']);
    expect(paper!.rows[1]!.figures['accuracy']).toEqual({ mean: 0.8362, std: 0.11 / 100 });
    expect(paper!.rows[2]!.figures['accuracy']!.mean).toBeCloseTo(0.4583, 12);
    expect(benchmark!.rows[0]!.figures['accuracy']).toEqual({ mean: 0.655, std: null });
    expect(publishedFor('mosi', [row('concat')])).toEqual([]);
  });

  it('tell a table for certain encoders from one for any', () => {
    const [plain] = publishedFor('sarcasm', [row('concat', 'concat', ['bert', 'resnet50'])]);
    const [clip] = publishedFor('sarcasm', [row('concat', 'concat', ['clip-text', 'clip-image'])]);
    expect([plain!.table, plain!.rows[0]!.figures['accuracy']!.mean]).toEqual(['Table 1', 0.8286]);
    expect([clip!.table, clip!.rows[0]!.figures['accuracy']!.mean]).toEqual(['Table 5', 0.8311]);
  });
});

describe('a published figure', () => {
  it('is found by its name', () => {
    const { title, label, frames } = publishedFigure('lfm/table-3');
    expect([title, label]).toEqual([expect.stringContaining('Table 3'), 'LFM paper']);
    expect(frames.map(({ dataset }) => dataset)).toEqual(['kinetics-sounds', 'crema-d', 'sarcasm', 'twitter2015']);
  });

  it('that is not known is refused with a suggestion', () => {
    expect(() => publishedFigure('lfm/table-33')).toThrow(/no published figure "lfm\/table-33".*lfm\/table-3/);
  });

  it('has curves of one value a place, from the first epoch to the last', () => {
    for (const { at, alpha } of publishedFigure('lfm/figure-3').curves) {
      expect(at).toHaveLength(alpha.length);
      expect([at[0], at.at(-1)]).toEqual([0, 1]);
      expect([...at].sort((a, b) => a - b)).toEqual(at);
    }
  });
});
