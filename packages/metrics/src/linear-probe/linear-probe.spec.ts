import { readFileSync } from 'node:fs';
import { RandomStream, type LabelledFeatures } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { minimise } from './lbfgs.js';
import { linearProbe } from './linear-probe.js';
import { classesOf, fitLogistic } from './logistic.js';

const reference = JSON.parse(readFileSync(new URL('logistic.fixture.json', import.meta.url), 'utf8')) as {
  readonly classes: number;
  readonly decay: number;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly coefficients: readonly (readonly number[])[];
  readonly intercepts: readonly number[];
};

describe('minimise', () => {
  it('finds the minimum of a valley that gradient descent crawls along', () => {
    const rosenbrock = ([x, y]: Float64Array) => ({
      value: (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2,
      gradient: Float64Array.of(-2 * (1 - x!) - 400 * x! * (y! - x! ** 2), 200 * (y! - x! ** 2)),
    });
    const start = Float64Array.of(-1.2, 1);
    const found = minimise(rosenbrock, start, { iterations: 200, tolerance: 1e-9 });
    expect(Math.hypot(found[0]! - 1, found[1]! - 1)).toBeLessThan(1e-6);
    expect([...start]).toEqual([-1.2, 1]);
  });
});

describe('fitLogistic', () => {
  it('agrees with scikit-learn', () => {
    const { classes, decay, rows, labels, coefficients, intercepts } = reference;
    const width = rows[0]!.length;
    const values = Float64Array.from(rows.flat());
    const given = { size: rows.length, width, values, labels: Int32Array.from(labels) };
    const weights = fitLogistic(given, { classes, decay, iterations: 500 });
    const centre = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length;
    // Weights of all classes may move together; scikit-learn's add up to zero, and the decay makes ours do so too.
    for (let c = 0; c < classes; c++) {
      for (let d = 0; d < width; d++) expect(weights[c * (width + 1) + d]).toBeCloseTo(coefficients[c]![d]!, 3);
    }
    const biases = Array.from({ length: classes }, (_, c) => weights[c * (width + 1) + width]!);
    for (const [c, bias] of biases.entries()) expect(bias - centre(biases)).toBeCloseTo(intercepts[c]! - centre(intercepts), 3);
    const right = classesOf(weights, given, classes).reduce((sum, found, i) => sum + (found === labels[i] ? 1 : 0), 0);
    expect(right / rows.length).toBeGreaterThan(0.6);
  });
});

describe('linearProbe', () => {
  const OPTIONS = { rows: 4000, decay: 1e-3, iterations: 100 };
  /** Audio tells the first bit of the class, image the second; both at odd scales, with a constant column. */
  function split(size: number, seed: number): LabelledFeatures {
    const random = new RandomStream(seed, 'probe');
    const labels = Int32Array.from({ length: size }, (_, i) => i % 4);
    const rows = (bit: number) =>
      Float32Array.from([...labels].flatMap((label) => [1000 * (((label >> bit) & 1) + 0.2 * random.normal()), 7]));
    return { size, labels, features: { audio: rows(0), image: rows(1) } };
  }

  it('reads what each modality holds, and both together', () => {
    const input = { classes: 4, featureSizes: { audio: 2, image: 2 }, train: split(200, 1), scored: split(400, 2) };
    const { all, perModality } = linearProbe(input, OPTIONS);
    expect(all).toBeGreaterThan(0.95);
    for (const name of ['audio', 'image']) expect(Math.abs(perModality[name]! - 0.5)).toBeLessThan(0.06);
    expect(linearProbe(input, OPTIONS)).toEqual({ all, perModality });
  });

  it('does with some of the rows', () => {
    const input = { classes: 4, featureSizes: { audio: 2, image: 2 }, train: split(400, 1), scored: split(400, 2) };
    expect(linearProbe(input, { ...OPTIONS, rows: 40 }).all).toBeGreaterThan(0.9);
  });

  it('finds nothing in noise', () => {
    const random = new RandomStream(3, 'noise');
    const noise = (size: number): LabelledFeatures => ({
      size,
      labels: Int32Array.from({ length: size }, () => random.integer(2)),
      features: { audio: Float32Array.from({ length: size * 3 }, () => random.normal()) },
    });
    const { all } = linearProbe({ classes: 2, featureSizes: { audio: 3 }, train: noise(500), scored: noise(500) }, OPTIONS);
    expect(Math.abs(all - 0.5)).toBeLessThan(0.08);
  });
});
