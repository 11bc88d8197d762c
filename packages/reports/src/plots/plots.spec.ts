import { describe, expect, it } from 'vitest';
import { compareRanks, publishedFigure } from '@equimodal/comparison';
import { meanAndSpread, verdict } from '../format/format.js';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { accuracyPlot } from './accuracy.js';
import { alphaPlot } from './alpha.js';
import { confusionPlot } from './confusion.js';
import { criticalDifferencePlot } from './critical-difference.js';
import { bandPoints, meanPoints, seedPoints, thinned } from './curves.js';
import { fitText, isCovered, textWidth } from './font.js';
import { modalityTestPlot } from './modality-dots.js';
import { comparisonPlots, drawPlots, PLOT_NAMES } from './plots.js';
import { renderPng, renderSvg } from './render.js';
import { scatterPlot } from './scatter.js';
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
    initial: null,
    epochs: [0, 1, 2].map((epoch) => ({
      epoch,
      alpha: epoch === 1 && seed === 0 ? NaN : epoch + seed,
      trainLoss: 1,
      losses: {},
      gradientNorm: {},
      validationAccuracy: null,
      modalityGap: null,
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
    expect(bandPoints(points)).toEqual([
      { epoch: 0, low: 0, high: 1 },
      { epoch: 2, low: 2, high: 3 },
    ]);
    expect(seedPoints(curves, 'b', 'b', (epoch) => epoch.alpha)).toEqual([]);
  });
});

describe('a long line', () => {
  it('is thinned evenly and keeps its ends', () => {
    const line = Array.from({ length: 500 }, (_, i) => i);
    const some = thinned(line);
    expect(some).toHaveLength(60);
    expect([some[0], some.at(-1)]).toEqual([0, 499]);
    expect(thinned(line.slice(0, 60))).toHaveLength(60);
  });
});

describe('features in a plane', () => {
  it('say the gap and the variance above each frame, whole', async () => {
    const words = texts(await renderSvg(scatterPlot(sampleResults(), 'pca')!));
    expect(words).toContain('late-fusion (gap 0.90, 41 + 12 %)');
    const six = Array.from({ length: 6 }, (_, i) => ({ ...sampleResults().scatter[0]!, recipe: `a-rather-long-name-of-a-row-${i}` }));
    const cut = texts(await renderSvg(scatterPlot(sampleResults({ scatter: six }), 'pca')!)).filter((word) => word.startsWith('a-rather'));
    expect(cut).toHaveLength(6);
    expect(cut.every((word) => word.endsWith('… (gap 0.90, 41 + 12 %)'))).toBe(true);
  });
});

describe('confusion', () => {
  it('shows percent of each true class, the reference first, and says what is left out', async () => {
    const plot = confusionPlot(sampleResults())!;
    const words = texts(await renderSvg(plot));
    expect(words.indexOf('late-fusion')).toBeLessThan(words.indexOf('lfm-learned'));
    const { counts } = sampleResults().confusion[0]!;
    const first = counts[0]!;
    expect(words).toContain(((100 * first[0]!) / first.reduce((sum, count) => sum + count, 0)).toFixed(0));
    expect(JSON.stringify(plot.spec['title'])).toContain('1 more is in results.json');
    expect(confusionPlot(smallResults())).toBeNull();
  });
});

describe('the critical-difference plot', () => {
  it('shows every row with its average rank, the difference, and a bar for each group', async () => {
    const ranks = compareRanks(['a', 'b', 'c'], { x: [3, 3, 3], y: [2, 2, 2], z: [1, 1, 1] });
    const svg = await renderSvg(criticalDifferencePlot(ranks));
    const words = texts(svg);
    for (const text of ['x  1.00', 'y  2.00', 'z  3.00', `critical difference ${ranks.criticalDifference.toFixed(2)}`]) {
      expect(words.map((word) => word.replace(/\s+/g, ' '))).toContain(text.replace(/\s+/g, ' '));
    }
    expect(svg.split(`stroke="${COLORS.above}"`).length - 1).toBe(ranks.groups.length);
  });
});

describe('which plots there are', () => {
  it('all for a full comparison, and only those with data otherwise', () => {
    const full = { ...sampleResults(), figure: publishedFigure('lfm/table-4') };
    expect(comparisonPlots(full).map(({ name }) => name)).toEqual([...PLOT_NAMES]);
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
    expect(words).toContain(meanAndSpread(results.rows.at(-1)!.metrics['accuracy']!));
    expect(words).toContain('inside the noise');
    const seeds = results.rows.reduce((total, { seeds: each }) => total + each.length, 0);
    const legend = new Set(results.rows.map((row) => verdict(row.recipe, results.reference, row.versusReference))).size;
    expect(legend).toBe(4);
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
      confusion: names.map((recipe) => ({
        recipe,
        seeds: 1,
        counts: [
          [3, 1],
          [0, 0],
        ],
      })),
      curves: names.map((recipe) => ({
        recipe,
        seed: 0,
        initial: null,
        epochs: [
          {
            epoch: 1,
            alpha: 0.5,
            trainLoss: 1,
            losses: { fused: 1, "it's": 2 },
            gradientNorm: { audio: 1, text: 3 },
            validationAccuracy: 0.4,
            modalityGap: null,
            perModality: { audio: 0.3 },
          },
        ],
      })),
    });
    const plots = comparisonPlots(results);
    expect(plots).toHaveLength(7);
    for (const plot of plots) {
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
