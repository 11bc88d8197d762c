import { describe, expect, it } from 'vitest';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { holm } from './holm.js';
import { notes } from './notes.js';
import { reading } from './reading.js';
import { selectionRule } from './selection.js';

describe('holm', () => {
  it('agrees with a case worked by hand', () => {
    // Sorted: .005 * 4 = .02, .01 * 3 = .03, .03 * 2 = .06, .04 * 1 = .04 raised to .06.
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});

describe('reading', () => {
  const text = reading(smallResults()).join('\n');

  it('names what is above, below and inside the noise', () => {
    expect(text).toContain('Above base beyond the noise: better (+9.1 points, p = .006).');
    expect(text).toContain('Below base beyond the noise: worse (−10.0 points, p < .001).');
    expect(text).toContain('Differences inside the noise: same (+0.3 points, p = .41).');
    expect(text).toContain("After Holm's correction for that, better and worse remain.");
    expect(text).toContain("The highest mean test accuracy is better's: 90.1 ± 0.2 percent over 3 seeds.");
  });

  it('says plainly when nothing is beyond the noise, also when p is not defined', () => {
    const rows = smallResults().rows.map((row) => ({
      ...row,
      versusReference: row.versusReference === null ? null : { ...row.versusReference, pValue: null },
    }));
    const words = reading(smallResults({ rows })).join('\n');
    expect(words).toContain('Every tested difference is inside the noise: better (+9.1 points, no p)');
    expect(words).not.toContain('Holm');
  });

  it('speaks of no test where there is no reference, and of nothing where no run finished', () => {
    expect(reading(smallResults({ reference: null }))).toHaveLength(1);
    expect(reading(smallResults({ rows: [] }))).toEqual(['No run finished, so there is nothing to compare.']);
  });
});

describe('notes', () => {
  it('begin with the selection rule, in words for legacy-test too', () => {
    expect(notes(smallResults())[0]).toBe(selectionRule('validation').sentence);
    expect(notes(smallResults({ selection: 'legacy-test' }))[0]).toMatch(/legacy-test.*too high/);
    expect(selectionRule('legacy-test').legacy).toBe(true);
    expect(selectionRule('of-my-own').sentence).toContain('of-my-own');
  });

  it('point at a validation figure far above test, and not at a small gap', () => {
    expect(notes(smallResults()).join()).not.toContain('far above');
    const [first, ...others] = smallResults().rows;
    if (first === undefined) throw new Error('the fixture has rows');
    const leaky = { ...first, validation: { accuracy: figureOf([0.93, 0.92, 0.91]) } };
    const found = notes(smallResults({ rows: [leaky, ...others] })).filter((note) => note.includes('far above'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('base: validation accuracy (92.0) is far above test (81.0)');
  });

  it('tell missing seeds, failures and unequal budgets', () => {
    const sample = notes(sampleResults()).join('\n');
    expect(sample).toContain('mla has 2 seeds where others have 3.');
    expect(sample).toContain('1 run did not finish and is not in the figures: mla (seed 3).');
    const rows = smallResults().rows.map((row, i) => ({ ...row, epochs: 2 + i }));
    expect(notes(smallResults({ rows })).join('\n')).toContain('base 2, better 3, same 4 and worse 5');
  });

  it('say that one seed carries no spread', () => {
    const rows = smallResults().rows.map((row) => ({ ...row, seeds: [0] }));
    expect(notes(smallResults({ rows })).join('\n')).toContain('no difference can be told from noise');
  });

  it('say that the reference is missing', () => {
    expect(notes(smallResults({ reference: null })).join()).toContain('No reference row');
    expect(notes(smallResults({ reference: 'gone' })).join()).toContain('gone has no finished run');
  });
});
