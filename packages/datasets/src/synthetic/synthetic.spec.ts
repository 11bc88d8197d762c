import { RandomStream, type LoadedDataset, type Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../data-root.fixture.js';
import { amplitude, patternAccuracy } from './accuracy.js';
import { drawSymbols, orthonormal } from './information.js';
import { syntheticOptions } from './options.js';
import { synthetic } from './synthetic.js';

const load = (options: object, seed = 0): Promise<LoadedDataset> =>
  synthetic.create(syntheticOptions.parse(options), contextOf(undefined, seed), { resolve: () => expect.unreachable() }).load();
const everyRow = (split: Split): Int32Array => Int32Array.from({ length: split.size }, (_, i) => i);

/** Accuracy on test of the nearest training row, by the named modalities side by side: knows nothing of how the data are made. */
async function nearest({ splits }: LoadedDataset, names: readonly string[]): Promise<number> {
  const rowsOf = async (split: Split): Promise<Float32Array[]> => {
    const batch = await split.read(everyRow(split));
    return Array.from({ length: split.size }, (_, row) =>
      Float32Array.from(
        names.flatMap((name) => [
          ...batch[name]!.subarray((row * batch[name]!.length) / split.size, ((row + 1) * batch[name]!.length) / split.size),
        ]),
      ),
    );
  };
  const [train, test] = [await rowsOf(splits.train), await rowsOf(splits.test)];
  const right = test.filter((row, i) => {
    let best = 0;
    let least = Infinity;
    train.forEach((other, j) => {
      let sum = 0;
      for (let k = 0; k < row.length && sum < least; k++) sum += (row[k]! - other[k]!) ** 2;
      if (sum < least) [best, least] = [j, sum];
    });
    return splits.train.labels[best] === splits.test.labels[i];
  });
  return right.length / test.length;
}
const strong = { snr: 20, shape: [12] };
const sizes = { train: 400, validation: 10, test: 600, classes: 3 };
const near = (value: number, wanted: number, tolerance = 0.05): void => expect(Math.abs(value - wanted)).toBeLessThan(tolerance);

describe('shares, as a nearest neighbour meets them at high signal-to-noise ratio', () => {
  it('redundant: each modality alone is as good as all', async () => {
    const data = await load({ ...sizes, redundant: 0.7, synergy: 0, modalities: { a: strong, b: strong } });
    for (const names of [['a'], ['b'], ['a', 'b']]) near(await nearest(data, names), 0.7 + 0.3 / 3);
  });

  it('unique: together they know what each knows', async () => {
    const data = await load({
      ...sizes,
      redundant: 0,
      synergy: 0,
      modalities: { a: { ...strong, unique: 0.6 }, b: { ...strong, unique: 0.3 } },
    });
    near(await nearest(data, ['a']), 0.6 + 0.4 / 3);
    near(await nearest(data, ['b']), 0.3 + 0.7 / 3);
    near(await nearest(data, ['a', 'b']), 0.9 + 0.1 / 3);
  });

  it('synergy: fewer than all are at chance, all know everything, also of three', async () => {
    const two = await load({ ...sizes, redundant: 0, synergy: 1, modalities: { a: strong, b: strong } });
    near(await nearest(two, ['a']), 1 / 3, 0.07);
    near(await nearest(two, ['b']), 1 / 3, 0.07);
    near(await nearest(two, ['a', 'b']), 1);
    const three = await load({ ...sizes, classes: 2, redundant: 0, synergy: 1, modalities: { a: strong, b: strong, c: strong } });
    near(await nearest(three, ['a', 'c']), 1 / 2, 0.07);
    near(await nearest(three, ['a', 'b', 'c']), 1);
  });

  it('missing modalities are zeros and take what they knew with them', async () => {
    const data = await load({
      ...sizes,
      redundant: 1,
      synergy: 0,
      modalities: { a: { ...strong, missing: 0.5 }, b: { ...strong, missing: 0.2 } },
    });
    const { a } = await data.splits.train.read(everyRow(data.splits.train));
    const absent = Array.from({ length: 400 }, (_, row) => a!.subarray(row * 12, (row + 1) * 12)).filter((row) =>
      row.every((value) => value === 0),
    );
    near(absent.length / 400, 0.5, 0.08);
    near(await nearest(data, ['a']), 0.5 + 0.5 / 3, 0.07);
    near(await nearest(data, ['a', 'b']), 0.9 + 0.1 / 3);
    expect(data.notes![1]).toContain((0.9 + 0.1 / 3).toFixed(3));
  });
});

describe('noise', () => {
  it('leaves the accuracy of the integral: half the distance for two classes, and what a simulation finds', () => {
    // two orthogonal patterns of length a are sqrt(2) a apart: right with probability Phi(a / sqrt 2)
    expect(patternAccuracy(Math.SQRT2, 2)).toBeCloseTo(0.841344746, 6);
    expect(patternAccuracy(0, 5)).toBeCloseTo(0.2, 6);
    expect(patternAccuracy(30, 5)).toBeCloseTo(1, 6);
    const random = new RandomStream(9);
    let right = 0;
    for (let i = 0; i < 20_000; i++) {
      const own = 1.4 + random.normal();
      if ([random.normal(), random.normal(), random.normal()].every((other) => other < own)) right++;
    }
    near(right / 20_000, patternAccuracy(1.4, 4), 0.01);
  });

  it('makes a matched filter alone as good as the notes say, whatever else the rows hold', async () => {
    const options = {
      classes: 4,
      redundant: 0.5,
      synergy: 0.2,
      train: 4000,
      test: 4000,
      modalities: { a: { snr: -10, unique: 0.2 }, b: { snr: -4 } },
    };
    const data = await load(options);
    const batch = await data.splits.test.read(everyRow(data.splits.test));
    const training = await data.splits.train.read(everyRow(data.splits.train));
    const said = [...data.notes![0]!.matchAll(/\d\.\d{3}/g)].map(Number);
    for (const [m, name] of ['a', 'b'].entries()) {
      // the mean of a class is its pattern, shortened
      const means = Array.from({ length: 4 }, () => new Float64Array(32));
      data.splits.train.labels.forEach((label, row) =>
        means[label]!.forEach((_, k) => (means[label]![k]! += training[name]![row * 32 + k]!)),
      );
      const right = data.splits.test.labels.filter((label, row) => {
        const scores = means.map((mean) => mean.reduce((sum, value, k) => sum + value * batch[name]![row * 32 + k]!, 0));
        return scores.indexOf(Math.max(...scores)) === label;
      });
      near(right.length / 4000, said[m]!, 0.025);
    }
  });

  it('has the asked power', async () => {
    const data = await load({ classes: 2, redundant: 1, synergy: 0, train: 2000, modalities: { a: { snr: 3, shape: [16] } } });
    const { a } = await data.splits.train.read(everyRow(data.splits.train));
    near(Array.from(a!).reduce((sum, value) => sum + value * value, 0) / a!.length, 1 + 10 ** 0.3, 0.05);
    expect(amplitude(0, 16)).toBe(4);
  });
});

describe('synthetic', () => {
  it('gives the asked kinds, shapes and sizes, classes in equal number', async () => {
    const data = await load({
      train: 80,
      validation: 12,
      test: 20,
      modalities: { v: {}, p: { kind: 'image' }, s: { kind: 'sequence', shape: [4, 6] } },
    });
    expect(data.modalities).toEqual([
      { name: 'v', kind: 'vector', shape: [32] },
      { name: 'p', kind: 'image', shape: [12, 12, 1] },
      { name: 's', kind: 'sequence', shape: [4, 6] },
    ]);
    expect([data.splits.train.size, data.splits.validation!.size, data.splits.test.size]).toEqual([80, 12, 20]);
    expect([0, 1, 2, 3].map((label) => data.splits.train.labels.filter((value) => value === label).length)).toEqual([20, 20, 20, 20]);
  });

  it('changes labels of training rows only, each to another class', async () => {
    const [clean, noisy] = [await load({}), await load({ labelNoise: 0.25 })];
    const changed = noisy.splits.train.labels.filter((label, row) => label !== clean.splits.train.labels[row]);
    expect(changed).toHaveLength(500);
    expect(noisy.splits.test.labels).toEqual(clean.splits.test.labels);
    expect(noisy.notes![2]).toContain('500 of 2000');
  });

  it('is the same for the same seed and another for another', async () => {
    const { fingerprint } = await load({});
    expect((await load({})).fingerprint).toBe(fingerprint);
    expect((await load({ seed: 1 })).fingerprint).not.toBe(fingerprint);
  });

  it('deals shares out exactly, and symbols sum to the class', () => {
    const { labels, patterns } = drawSymbols(1000, 5, { redundant: 0.3, synergy: 0.2, unique: [0.1, 0.05, 0] }, new RandomStream(1));
    const [a, b, c] = patterns as [Int32Array, Int32Array, Int32Array];
    const rows = [...labels.keys()];
    expect(rows.filter((row) => a[row] === labels[row] && b[row] === labels[row] && c[row] === labels[row])).toHaveLength(300);
    const sums = rows.filter((row) => a[row]! >= 5);
    expect(sums).toHaveLength(200);
    for (const row of sums) expect((a[row]! + b[row]! + c[row]!) % 5).toBe(labels[row]);
    expect(rows.filter((row) => a[row] === labels[row] && b[row] === -1)).toHaveLength(100);
    expect(rows.filter((row) => a[row] === -1 && b[row] === -1)).toHaveLength(350);
  });

  it('has orthonormal patterns', () => {
    const vectors = orthonormal(6, 9, new RandomStream(2));
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) {
        const product = Array.from({ length: 9 }, (_, k) => vectors[i * 9 + k]! * vectors[j * 9 + k]!).reduce(
          (sum, value) => sum + value,
          0,
        );
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }
  });

  it.each([
    ['shares beyond the whole', { redundant: 0.8, synergy: 0.3 }, 'redundant'],
    ['synergy of one modality', { modalities: { a: {} } }, 'synergy'],
    ['fewer values than patterns', { modalities: { a: { shape: [7] }, b: {} } }, 'shape'],
    ['a shape of another kind', { modalities: { a: { kind: 'image', shape: [64] }, b: {} } }, 'shape'],
    ['no modality', { modalities: {} }, 'modalities'],
  ])('refuses %s when the config is read', (_, options, path) => {
    expect(syntheticOptions.safeParse(options).error!.issues[0]!.path).toContain(path);
  });
});
