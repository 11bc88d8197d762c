import { publishedFigure } from '@equimodal/comparison';
import { describe, expect, it } from 'vitest';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { figurePlot } from './figure.js';
import { comparisonPlots, PLOT_NAMES } from './plots.js';
import { renderSvg } from './render.js';

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');

describe('a published figure beside ours', () => {
  it('is the first plot, and there only where the rows make one again', () => {
    expect(figurePlot(sampleResults())).toBeNull();
    const names = comparisonPlots({ ...sampleResults(), figure: publishedFigure('lfm/table-4') }).map(({ name }) => name);
    expect(names[0]).toBe('figure');
    expect(PLOT_NAMES[0]).toBe('figure');
  });

  it('has a frame of ours and one of each data set of the paper, with what is printed there', async () => {
    const figure = publishedFigure('lfm/table-4');
    const plot = figurePlot({ ...sampleResults(), figure })!;
    const { values } = plot.spec['data'] as { values: { frame: number; row: string; series: string; value: number }[] };
    expect(new Set(values.map(({ frame }) => frame))).toEqual(new Set([0, 1, 2]));
    expect(values.find(({ frame, row, series }) => frame === 2 && row === 'lfm-lb' && series === 'fused')!.value).toBe(84.11);
    const [row] = sampleResults().rows;
    expect(values.find((dot) => dot.frame === 0 && dot.row === row!.recipe && dot.series === 'fused')!.value).toBeCloseTo(
      100 * row!.metrics['accuracy']!.mean,
      10,
    );
    const svg = await renderSvg(plot);
    expect(svg).toContain('width="800"');
    for (const text of ['LFM paper: KineticsSounds', 'LFM paper: CREMA-D', 'constant-0.5', row!.recipe]) expect(texts(svg)).toContain(text);
  });

  it('keeps the gap a distance', () => {
    const results = smallResults();
    const rows = results.rows.map((row) => ({ ...row, metrics: { ...row.metrics, modalityGap: figureOf([0.5, 0.7]) } }));
    const plot = figurePlot({ ...results, rows, figure: publishedFigure('lfm/figure-2') })!;
    const { values } = plot.spec['data'] as { values: { frame: number; row: string; value: number }[] };
    expect(values.find(({ frame, row }) => frame === 1 && row === 'mla')!.value).toBe(0.98);
    for (const { frame, value } of values) if (frame === 0) expect(value).toBeCloseTo(0.6, 12);
  });

  it('puts alpha over the share of training beside the published curves', async () => {
    const figure = publishedFigure('lfm/figure-3');
    const plot = figurePlot({ ...sampleResults(), figure })!;
    const { values } = plot.spec['data'] as { values: { frame: number; series: string; at: number; value: number }[] };
    const ours = values.filter(({ frame }) => frame === 0);
    expect([Math.min(...ours.map(({ at }) => at)), Math.max(...ours.map(({ at }) => at))]).toEqual([0, 1]);
    const sounds = values.filter(({ series }) => series === 'KineticsSounds');
    expect(sounds).toHaveLength(30);
    expect(sounds.at(-1)).toMatchObject({ frame: 1, at: 1, value: 0.077 });
    const svg = await renderSvg(plot);
    expect(svg).toContain('width="800"');
    for (const text of ['LFM paper', 'KineticsSounds', 'Twitter2015']) expect(texts(svg)).toContain(text);
  });

  it('is left out where nothing of ours could stand beside it', () => {
    const bare = smallResults({ rows: smallResults().rows.map((row) => ({ ...row, metrics: {} })) });
    expect(figurePlot({ ...bare, figure: publishedFigure('lfm/table-4') })).toBeNull();
    expect(figurePlot({ ...bare, curves: [], figure: publishedFigure('lfm/figure-3') })).toBeNull();
  });
});
