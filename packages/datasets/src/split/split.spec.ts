import { RandomStream } from '@equimodal/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded } from '../data-root.fixture.js';
import { carveValidation } from './carve.js';
import { fingerprint, InMemorySplit } from './in-memory.js';

const random = new RandomStream(5);
const split = (): InMemorySplit =>
  new InMemorySplit(Int32Array.from([0, 1, 1]), {
    text: { data: Float32Array.from([1, 2, 3, 4, 5, 6]), rowSize: 2 },
    tokens: { data: Int32Array.from([7, 8]), rowSize: 1, index: Int32Array.from([1, 1, 0]) },
  });

describe('InMemorySplit', () => {
  it('reads rows in the order asked, through an index where there is one', () => {
    const batch = split().read(Int32Array.from([2, 0]));
    expect(batch).toEqual({ text: Float32Array.from([5, 6, 1, 2]), tokens: Int32Array.from([7, 8]) });
  });

  it('takes subsets of subsets', () => {
    const part = split()
      .subset(Int32Array.from([2, 1]))
      .subset(Int32Array.from([0]));
    expect(part.labels).toEqual(Int32Array.from([1]));
    expect(part.read(Int32Array.from([0]))).toEqual({
      text: Float32Array.from([5, 6]),
      tokens: Int32Array.from([7]),
    });
  });

  it('refuses rows that do not match the labels', async () => {
    const error = await coded(() => new InMemorySplit(new Int32Array(2), { a: { data: new Float32Array(9), rowSize: 3 } }));
    expect(error.code).toBe('EQM_DATA_SPLIT');
    expect(error.message).toContain('3 rows');
  });
});

describe('fingerprint', () => {
  it('depends on arrays, labels, rows and names of the splits, and on nothing else', () => {
    const base = fingerprint({ train: split() });
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint({ train: split(), validation: undefined })).toBe(base);
    const changed = split();
    (changed.modalities['text']!.data as Float32Array)[5] = 6.5;
    const others = [
      fingerprint({ train: changed }),
      fingerprint({ test: split() }),
      fingerprint({ train: split().subset(Int32Array.from([0, 2, 1])) }),
    ];
    expect(new Set([base, ...others]).size).toBe(4);
  });
});

describe('carveValidation', () => {
  it('gives every class the same share', () => {
    const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 80 ? 0 : 1));
    const { train, validation } = carveValidation(labels, { fraction: 0.1, random });
    expect(Array.from(validation, (row) => labels[row]!).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(train).toHaveLength(90);
    expect(carveValidation(labels, { fraction: 0.1, random: new RandomStream(5) }).validation).toEqual(validation);
    expect(carveValidation(labels, { fraction: 0.1, random: new RandomStream(6) }).validation).not.toEqual(validation);
  });

  it('keeps groups whole and parts disjoint, near the asked share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 40, maxLength: 80 }),
        fc.double({ min: 0.1, max: 0.5, noNaN: true }),
        (list, fraction) => {
          const groups = list.map((group) => `video-${group}`);
          fc.pre(new Set(groups).size > 6);
          const { train, validation } = carveValidation(new Int32Array(list.length), {
            fraction,
            random,
            groups,
          });
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(list.map((_, row) => row));
          const inTrain = new Set(Array.from(train, (row) => groups[row]));
          expect(Array.from(validation).some((row) => inTrain.has(groups[row]!))).toBe(false);
          const largest = Math.max(...[...new Set(list)].map((group) => list.filter((value) => value === group).length));
          expect(Math.abs(validation.length - fraction * list.length)).toBeLessThanOrEqual(largest);
        },
      ),
    );
  });

  it.each([
    ['one group', new Int32Array(4), { fraction: 0.5, groups: ['a', 'a', 'a', 'a'] }],
    ['one row', new Int32Array(1), { fraction: 0.5 }],
    ['a fraction of 1', new Int32Array(4), { fraction: 1 }],
    ['too few groups', new Int32Array(4), { fraction: 0.5, groups: ['a'] }],
  ])('refuses %s', async (_, labels, options) => {
    expect((await coded(() => carveValidation(labels, { ...options, random }))).code).toBe('EQM_DATA_SPLIT');
  });
});
