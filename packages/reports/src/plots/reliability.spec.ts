import { describe, expect, it } from 'vitest';
import { sampleResults, smallResults } from '../fixture/results.fixture.js';
import { reliabilityPlot } from './reliability.js';
import { renderSvg } from './render.js';

type Point = { readonly recipe: string; readonly confidence?: number; readonly accuracy?: number; readonly share?: number };
const pointsOf = (results: Parameters<typeof reliabilityPlot>[0]): Point[] =>
  (reliabilityPlot(results)!.spec['data'] as { values: Point[] }).values.filter(({ accuracy }) => accuracy !== undefined);

describe('the reliability diagram', () => {
  it('has accuracy and mean confidence of every bin that is not empty, and its share', () => {
    const results = smallResults({
      reliability: [{ recipe: 'a', seeds: 2, count: [0, 4, 16], correct: [0, 1, 12], confidence: [0, 2, 14.4] }],
    });
    expect(pointsOf(results)).toEqual([
      { recipe: 'a', confidence: 0.5, accuracy: 0.25, share: 0.2 },
      { recipe: 'a', confidence: 0.9, accuracy: 0.75, share: 0.8 },
    ]);
  });

  it('has a frame a row, the reference first and then the most accurate, twelve at most, and says how many it leaves out', async () => {
    const sample = sampleResults();
    const [first] = sample.reliability;
    const names = [...sample.rows.map(({ recipe }) => recipe), ...Array.from({ length: 12 }, (_, i) => `more-${i}`)];
    const results = { ...sample, reliability: names.map((recipe) => ({ ...first!, recipe })) };
    const shown = [...new Set(pointsOf(results).map(({ recipe }) => recipe))];
    expect(shown).toHaveLength(12);
    expect(shown[0]).toBe(sample.reference);
    const accuracy = (recipe: string): number => sample.rows.find((row) => row.recipe === recipe)?.metrics['accuracy']?.mean ?? -1;
    expect(accuracy(shown[1]!)).toBeGreaterThanOrEqual(accuracy(shown[2]!));
    const svg = await renderSvg(reliabilityPlot(results)!);
    expect(svg).toContain('width="800"');
    expect(svg).toContain(`${names.length - 12} more are in results.json`);
  });

  it('is left out where no run kept its predictions', () => {
    expect(reliabilityPlot(smallResults())).toBeNull();
  });
});
