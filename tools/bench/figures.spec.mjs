import { describe, expect, it } from 'vitest';
import { median, quantile, row, soakResult, summary } from './figures.mjs';

describe('quantile', () => {
  it('interpolates between neighbours, as numpy does by default', () => {
    // numpy.quantile([7, 1, 3, 10], [0, .25, .5, .75, 1])
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => quantile([7, 1, 3, 10], share))).toEqual([1, 2.5, 5, 7.75, 10]);
  });

  it('is the value itself for one value, and leaves its input as it is', () => {
    expect([0, 0.3, 1].map((share) => quantile([4], share))).toEqual([4, 4, 4]);
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  it('orders by size, not as text', () => {
    expect(median([100, 9, 20])).toBe(20);
  });
});

it('sums times up to a hundredth of a millisecond', () => {
  expect(summary([1.234, 1.236, 1.235])).toEqual({ medianMs: 1.24, quartilesMs: [1.23, 1.24], count: 3 });
});

describe('row', () => {
  const about = { id: 'W1', unit: 'step', threads: 2 };

  it('has the median and peak of both sides and the ratio of ours to the peer', () => {
    const result = row(about, { times: [30, 10, 20], peakMb: 99.6 }, { name: 'P', times: [50, 40], peakMb: 7 });
    expect(result).toMatchObject({
      ...about,
      ours: { medianMs: 20, peakMb: 100 },
      peer: { name: 'P', medianMs: 45, peakMb: 7 },
      ratio: 0.44,
    });
    expect(result).not.toHaveProperty('hypergradient');
  });

  it('has null where there is no peer, and where memory could not be read', () => {
    expect(row(about, { times: [1], peakMb: null }, null)).toMatchObject({ ours: { peakMb: null }, peer: null, ratio: null });
  });

  it('takes for a hypergradient what a step with one takes longer', () => {
    const ours = { times: [10, 10, 12], updates: [130, 110], peakMb: 1 };
    const peer = { name: 'P', times: [20], updates: [320], peakMb: 1 };
    expect(row(about, ours, peer).hypergradient).toMatchObject({
      ours: { medianMs: 110, steps: 11 },
      peer: { medianMs: 300, steps: 15 },
      ratio: 0.37,
    });
    expect(row(about, ours, null).hypergradient).toMatchObject({ ours: { steps: 11 }, peer: null, ratio: null });
  });
});

describe('soakResult', () => {
  const marks = (...values) => values.map(([step, rssMb, tensors]) => ({ step, rssMb, tensors }));

  it('tells the growth between the first and the last mark', () => {
    const result = soakResult({ id: 'W3', threads: 2 }, marks([500, 200, 40], [1000, 260, 40], [2500, 204, 43]));
    expect(result).toMatchObject({ id: 'W3', threads: 2, growthMbPer1000Steps: 2, tensorsGrown: 3 });
    expect(result.marks).toHaveLength(3);
  });

  it('knows no growth from one mark', () => {
    expect(soakResult({ id: 'W3', threads: 2 }, marks([300, 200, 40])).growthMbPer1000Steps).toBeNull();
  });
});
