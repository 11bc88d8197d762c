import { describe, expect, it } from 'vitest';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { accuracyPlot } from './accuracy.js';
import { alphaPlot } from './alpha.js';
import { meanPoints, seedPoints } from './curves.js';
import { fitText, isCovered, textWidth } from './font.js';
import { modalityCurvesPlot, modalityTestPlot } from './modalities.js';
import { comparisonPlots, drawPlots, PLOT_NAMES } from './plots.js';
import { renderPng, renderSvg } from './render.js';
import { COLORS, SERIES } from './theme.js';

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');

describe('text of the bundled font', () => {
  it('is measured with its advance widths', () => {
    // Advances of Inter at 1000 units: a 564, b 621; semibold a 575.
    expect(textWidth('ab', 10)).toBeCloseTo(11.85, 10);
    expect(textWidth('a', 10, true)).toBeCloseTo(5.75, 10);
  });

  it('is cut to fit', () => {
    expect(fitText('short', 12, 100)).toBe('short');
    const cut = fitText('a-very-long-recipe-name-indeed', 12, 100);
    expect(cut).toMatch(/^a-very.*…$/);
    expect(textWidth(cut, 12)).toBeLessThanOrEqual(100);
  });

  it('knows which letters the font has', () => {
    expect(isCovered('Δ accuracy ± 1 – “é” Ж')).toBe(true);
    expect(isCovered('模型')).toBe(false);
  });
});

describe('curves', () => {
  const curves = [0, 1].map((seed) => ({
    recipe: 'a',
    seed,
    epochs: [0, 1, 2].map((epoch) => ({
      epoch,
      alpha: epoch === 1 && seed === 0 ? NaN : epoch + seed,
      trainLoss: 1,
      validationAccuracy: null,
      perModality: {},
    })),
  }));

  it('leave out what is not a number, and average where every seed has a value', () => {
    const points = seedPoints(curves, 'a', 'a', (epoch) => epoch.alpha);
    expect(points).toHaveLength(5);
    // No mean at epoch 1, where one seed has no value.
    expect(meanPoints(points).map(({ epoch, value }) => [epoch, value])).toEqual([
      [0, 0.5],
      [2, 2.5],
    ]);
    expect(seedPoints(curves, 'b', 'b', (epoch) => epoch.alpha)).toEqual([]);
  });
});

describe('which plots there are', () => {
  it('all for a full comparison, and only those with data otherwise', () => {
    expect(comparisonPlots(sampleResults()).map(({ name }) => name)).toEqual([...PLOT_NAMES]);
    expect(comparisonPlots(smallResults()).map(({ name }) => name)).toEqual(['accuracy', 'modality-test']);
    expect(comparisonPlots(smallResults({ rows: [] }))).toEqual([]);
  });

  it('alpha only for recipes with alignment', () => {
    expect(alphaPlot(sampleResults())?.description).toContain('for lfm-heuristic and lfm-learned.');
    const without = sampleResults().curves.filter(({ recipe }) => !recipe.startsWith('lfm'));
    expect(alphaPlot(sampleResults({ curves: without }))).toBeNull();
  });
});

describe('drawn plots', () => {
  it('show every recipe, its figure, its seeds and what the test says', async () => {
    const results = sampleResults();
    const plot = accuracyPlot(results);
    if (plot === null) throw new Error('the fixture has rows');
    const svg = await renderSvg(plot);
    const words = texts(svg);
    for (const { recipe } of results.rows) expect(words).toContain(recipe);
    expect(words).toContain('71.7 ± 1.4');
    expect(words).toContain('inside the noise');
    const seeds = results.rows.reduce((total, { seeds: each }) => total + each.length, 0);
    const legend = 4;
    expect(svg.match(/A[\d.]+,[\d.]+,0,1,1/g)?.length).toBe(2 * (seeds + legend));
    // Highest mean first.
    expect(words.indexOf('lfm-learned')).toBeLessThan(words.indexOf('late-fusion'));
  });

  it('are the same bytes on every call, 800 pixels wide, each with ids of its own', async () => {
    const [first, second] = [await drawPlots(sampleResults()), await drawPlots(sampleResults())];
    expect(second).toEqual(first);
    const ids = first.flatMap(({ svg }) => [...svg.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { svg } of first) {
      expect(svg).toContain('width="800"');
      expect(svg).toMatch(/^<svg role="img" [^>]*><title>/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('use only colours that the dark page knows', async () => {
    const known = new Set<string>([...Object.values(COLORS), ...SERIES, 'none', 'transparent']);
    for (const { svg } of await drawPlots(sampleResults())) {
      const used = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color]) => color ?? '');
      expect([...new Set(used)].filter((color) => !known.has(color))).toEqual([]);
    }
  });

  it('say that the epoch was selected on test', async () => {
    const results = sampleResults({ selection: 'legacy-test' });
    for (const plot of [accuracyPlot(results), modalityTestPlot(results)]) {
      if (plot === null) throw new Error('the fixture has data');
      expect(await renderSvg(plot)).toContain('legacy-test');
    }
  });

  it('survive one seed, one epoch, hostile names and many recipes', async () => {
    const names = ['a\'b"c\\d', '<script>&amp;', '模型', 'x'.repeat(80), 'p.q[0]', 'r', 's', 't'];
    const [base] = smallResults().rows;
    if (base === undefined) throw new Error('the fixture has rows');
    const results = smallResults({
      reference: null,
      rows: names.map((recipe, i) => ({
        ...base,
        recipe,
        seeds: [0],
        metrics: { accuracy: figureOf([0.5 + i / 100]), 'accuracy/audio': figureOf([NaN]) },
        versusReference: null,
      })),
      curves: names.map((recipe) => ({
        recipe,
        seed: 0,
        epochs: [{ epoch: 1, alpha: 0.5, trainLoss: 1, validationAccuracy: 0.4, perModality: { audio: 0.3 } }],
      })),
    });
    for (const plot of [accuracyPlot(results), alphaPlot(results), modalityCurvesPlot(results), modalityTestPlot(results)]) {
      if (plot === null) throw new Error('there is data');
      const svg = await renderSvg(plot);
      expect(svg).not.toMatch(/NaN|undefined|<script/);
      expect(texts(svg).join('\n')).toContain('a\'b"c\\d');
      expect(texts(svg).join('\n')).toContain('&lt;script&gt;&amp;amp;');
    }
  });
});

describe('renderPng', () => {
  it('draws twice the size, with visible text, the same each time', async () => {
    const svg = (fill: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15" font-family="'Equimodal Sans', Inter" fill="${fill}">Hello</text></svg>`;
    const [black, again, white] = [await renderPng(svg('#000')), await renderPng(svg('#000')), await renderPng(svg('#fff'))];
    expect([...black.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect([black.readUInt32BE(16), black.readUInt32BE(20)]).toEqual([120, 40]);
    expect(again.equals(black)).toBe(true);
    // The background is white: white text leaves no trace, so black text that does was really drawn.
    expect(black.equals(white)).toBe(false);
    expect(black.length).toBeGreaterThan(2 * white.length);
  });

  it('answers a broken SVG with a coded error', async () => {
    await expect(renderPng('<svg')).rejects.toMatchObject({ code: 'EQM_INTERNAL' });
  });
});
