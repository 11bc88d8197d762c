import { readdirSync, readFileSync } from 'node:fs';
import { PUBLISHED_CURVES } from '@equimodal/alpha-schedulers';
import { publishedFigure } from '@equimodal/comparison';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const FOLDER = new URL('../../experiments/lfm/', import.meta.url);
const rowOf = (entry: string | { readonly recipe: string; readonly as?: string }): string =>
  typeof entry === 'string' ? entry : (entry.as ?? entry.recipe);

describe('published figures and the experiments that make them again', () => {
  const experiments = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name, ...(parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { figure?: string; recipes: string[] }) }));
  const made = experiments.filter(({ figure }) => figure !== undefined);

  it('are those of the paper', () => {
    expect(made.map(({ name }) => name)).toEqual(['figure1.yaml', 'figure2.yaml', 'figure3.yaml', 'table3.yaml', 'table4.yaml']);
  });

  it.each(made)('$name has a row of every published one', ({ figure, recipes }) => {
    const rows = recipes.map(rowOf);
    for (const { rows: published } of publishedFigure(figure!).frames) {
      for (const { recipe } of published) expect(rows).toContain(recipe);
    }
  });

  it('show the curves that the scheduler replays', () => {
    const { curves } = publishedFigure('lfm/figure-3');
    expect(curves).toHaveLength(Object.keys(PUBLISHED_CURVES).length);
    for (const { dataset, epochs, at, alpha } of curves) {
      const replayed = PUBLISHED_CURVES[dataset as keyof typeof PUBLISHED_CURVES];
      expect({ epochs, alpha }).toEqual({ epochs: replayed.epochs, alpha: replayed.alpha });
      for (const [i, place] of replayed.at.entries()) expect(at[i]).toBeCloseTo(place, 12);
    }
  });
});
