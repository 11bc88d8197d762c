import { RandomStream, type Condition, type LabelledFeatures, type Predictions } from '@equimodal/core';
import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';

const [SIZE, CLASSES, FEATURES] = [60, 4, 5];

function randomPredictions(): Predictions {
  const random = new RandomStream(5, 'predictions');
  const labels = Int32Array.from({ length: SIZE }, (_, i) => i % CLASSES);
  const probabilities = new Float32Array(SIZE * CLASSES);
  for (let row = 0; row < SIZE; row++) {
    const draws = Array.from({ length: CLASSES }, () => random.uniform() + 0.01);
    const sum = draws.reduce((a, b) => a + b, 0);
    draws.forEach((draw, c) => (probabilities[row * CLASSES + c] = draw / sum));
  }
  return { size: SIZE, classes: CLASSES, probabilities, labels };
}

/** A model that knows the class from audio, unless audio is missing or noise is drawn above what the row bears. */
function underCondition({ present, noise = {} }: Condition): Promise<Predictions> {
  const { labels, ...rest } = randomPredictions();
  const heard = (row: number): boolean => (present?.includes('audio') ?? true) && (noise['audio'] ?? 0) < (row % 10) / 4;
  const probabilities = Float32Array.from(rest.probabilities, (_, i) => {
    const row = Math.floor(i / CLASSES);
    return i % CLASSES === (heard(row) ? labels[row] : 0) ? 1 : 0;
  });
  return Promise.resolve({ ...rest, labels, probabilities });
}

function reordered(input: Predictions): Predictions {
  const order = new RandomStream(6, 'order').permutation(input.size);
  const probabilities = new Float32Array(input.probabilities.length);
  order.forEach((from, to) =>
    probabilities.set(input.probabilities.subarray(from * input.classes, (from + 1) * input.classes), to * input.classes),
  );
  return { ...input, probabilities, labels: order.map((from) => input.labels[from]!) };
}

export function checkMetric({ host, piece, options }: Trial): void {
  const make = () => host.create('metric', { use: piece.id, options }, {});
  const { bounds: [low, high] = [-Infinity, Infinity], higherIsBetter } = piece.facts;

  it('has a key and computes something', () => {
    const metric = make();
    expect(metric.key).toMatch(/^[a-z][A-Za-z0-9]*$/);
    const { predictions, features, probe, conditions } = metric;
    expect([predictions, features, probe, conditions].some((computes) => computes !== undefined)).toBe(true);
  });

  const compute = make().predictions?.bind(make());
  if (compute !== undefined) {
    it('stays in its bounds, does not depend on the order of rows, and prefers the truth', () => {
      const input = randomPredictions();
      const value = compute(input);
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high);
      expect(compute(reordered(input))).toBeCloseTo(value, 10);
      const truth = {
        ...input,
        probabilities: Float32Array.from(input.probabilities, (_, i) => (input.labels[Math.floor(i / CLASSES)] === i % CLASSES ? 1 : 0)),
      };
      if (higherIsBetter !== undefined) expect(compute(truth) > value).toBe(higherIsBetter);
    });
  }

  if (make().probe !== undefined) {
    it('fits a read-out that finds what features hold, and nothing where they hold nothing', () => {
      const random = new RandomStream(9, 'probe');
      const split = (size: number): LabelledFeatures => {
        const labels = Int32Array.from({ length: size }, (_, i) => i % 2);
        const rows = (signal: number) =>
          Float32Array.from([...labels].flatMap((label) => [signal * (2 * label - 1) + 0.3 * random.normal(), random.normal()]));
        return { size, labels, features: { audio: rows(1), image: rows(0) } };
      };
      const found = make().probe!({ classes: 2, featureSizes: { audio: 2, image: 2 }, train: split(SIZE), scored: split(4 * SIZE) });
      for (const value of [found.all, ...Object.values(found.perModality)]) {
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }
      expect(Object.keys(found.perModality)).toEqual(['audio', 'image']);
      if (higherIsBetter !== undefined) expect(found.perModality['audio']! > found.perModality['image']!).toBe(higherIsBetter);
    });
  }

  if (make().conditions !== undefined) {
    it('computes figures from predictions under conditions, each modality by its name', async () => {
      const { all, perModality } = await make().conditions!({ modalities: ['audio', 'image'], predict: underCondition });
      const own = Object.values(perModality).flatMap((figures) => Object.entries(figures));
      expect(own.length + Object.keys(all).length).toBeGreaterThan(0);
      for (const [name, value] of [...Object.entries(all), ...own]) {
        expect(name).toMatch(/^[a-z][A-Za-z0-9.]*$/);
        expect(Number.isFinite(value)).toBe(true);
        if (name !== make().key) continue;
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }
      for (const name of Object.keys(perModality)) expect(['audio', 'image']).toContain(name);
    });
  }

  if (make().features !== undefined) {
    it('computes from features: zero or more for equal modalities, null for one', () => {
      const metric = make();
      const random = new RandomStream(8, 'features');
      const table = () => Float32Array.from({ length: SIZE * FEATURES }, () => random.normal());
      const audio = table();
      const featureSizes = { audio: FEATURES, image: FEATURES };
      const value = metric.features!({ size: SIZE, features: { audio, image: table() }, featureSizes });
      expect(value).not.toBeNull();
      expect(value!).toBeGreaterThanOrEqual(low);
      expect(metric.features!({ size: SIZE, features: { audio }, featureSizes: { audio: FEATURES } })).toBeNull();
    });
  }
}
