import { describe, expect, it } from 'vitest';
import { figureOf, sampleResults, smallResults } from '../fixture/results.fixture.js';
import { notes } from './notes.js';
import { reading } from './reading.js';
import { selectionRule } from './selection.js';

describe('reading', () => {
  const text = reading(smallResults()).join('\n');

  it('names what is above, below and inside the noise', () => {
    expect(text).toContain('Above base beyond the noise: better (+9.1 points, p = .006).');
    expect(text).toContain('Below base beyond the noise: worse (−10.0 points, p < .001).');
    expect(text).toContain('Differences inside the noise: same (+0.3 points, p = .41).');
    expect(text).toContain("3 rows were tested at once, and at this level one test in twenty errs by chance; p values are after Holm's");
    expect(text).not.toContain('would pass');
    expect(text).toContain("The highest mean test accuracy is better's: 90.1 ± 0.2 percent over 3 seeds.");
  });

  it('says plainly when nothing is beyond the noise, also when p is not defined', () => {
    const rows = smallResults().rows.map((row) => ({
      ...row,
      versusReference: row.versusReference === null ? null : { ...row.versusReference, pValue: null, holm: null },
    }));
    const words = reading(smallResults({ rows })).join('\n');
    expect(words).toContain('Every tested difference is inside the noise: better (+9.1 points, no p)');
    expect(words).not.toContain('Holm');
  });

  it('names many rows inside the noise without their figures', () => {
    const [base, better, same] = smallResults().rows;
    const many = Array.from({ length: 7 }, (_, i) => ({
      ...same!,
      recipe: `r${i}`,
      versusReference: { ...same!.versusReference!, difference: (i - 3) / 100 },
    }));
    expect(reading(smallResults({ rows: [base!, better!, ...many] })).join()).toContain(
      'r0, r1, r2, r3, r4, r5 and r6 (−3.0 to +3.0 points).',
    );
  });

  it('tells what only the correction, or only the number of seeds, keeps inside the noise', () => {
    const bootstrap = { difference: 0.0033, ci95: [0.001, 0.006] as const, pValue: 0.01, samples: 400 };
    const rows = smallResults().rows.map((row) =>
      row.recipe === 'same' ? { ...row, versusReference: { ...row.versusReference!, pValue: 0.04, holm: 0.08, bootstrap } } : row,
    );
    const words = reading(smallResults({ rows })).join('\n');
    expect(words).toContain('Differences inside the noise: same (+0.3 points, p = .080).');
    expect(words).toContain('On its own same would pass.');
    expect(words).toContain('On the test samples alone (paired bootstrap, without correction) same would differ from base');
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

  it('gather what many rows share into one sentence', () => {
    const rows = smallResults().rows.map((row, i) => ({
      ...row,
      epochs: i === 2 ? 7 : 2,
      validation: { accuracy: figureOf([0.99, 0.99, 0.99]) },
    }));
    const found = notes(smallResults({ rows })).join('\n');
    expect(found).toContain('In 3 of 4 rows validation accuracy is far above test, most in worse (99.0 to 71.0); look for');
    expect(found).toContain('The rows did not train for the same number of epochs: same 7; others have 2.');
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
