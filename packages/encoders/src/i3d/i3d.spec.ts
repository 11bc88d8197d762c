import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, expectKeyedDropout, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { i3d } from './i3d.js';
import fixture from './i3d.fixture.json' with { type: 'json' };

const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' });

describe('i3d', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['all that is left', fixture.all],
    ['the fixed window', fixture.window],
  ])('agrees with PyTorch over two training steps and an evaluation, pooling over %s', (_name, expected) => {
    const { pool, width, shape } = expected;
    const encoder = make(i3d, { pool, width, dropout: 0 }, 'video', shape.slice(1));
    const variables = start(encoder);
    // Offsets a half larger, as in the reference: away from the kinks of ReLU and pool.
    const params = Object.fromEntries(
      Object.entries(filled(variables.params)).map(([path, leaf]) => [path, path.endsWith('offset') ? tf.add(leaf, 0.5) : leaf]),
    );
    const weights = sequence('weights 0', expected.features0.shape);
    const one = pass(encoder, { params, state: variables.state }, sequence('step 0', shape), { weights });
    expectClose(one.features, expected.features0, 5e-5, 'features');
    for (const [path, gradient] of Object.entries(expected.gradients))
      expectClose(one.gradients[path]!, gradient, 2e-4, `the gradient of ${path}`);
    expect(Object.keys(params).sort()).toEqual(Object.keys(expected.gradientSums).sort());
    for (const [path, sum] of Object.entries(expected.gradientSums))
      expect(Math.abs(absoluteSum(one.gradients[path]!) - sum) / (1 + sum), path).toBeLessThan(5e-4);
    const two = pass(encoder, { params, state: one.state }, sequence('step 1', shape));
    expectClose(two.features, expected.features1, 5e-5, 'features of the second step');
    expect(Object.keys(two.state).sort()).toEqual(Object.keys(expected.state).sort());
    for (const [path, statistic] of Object.entries(expected.state)) expectClose(two.state[path]!, statistic, 5e-5, path);
    const evaluated = pass(encoder, { params, state: two.state }, sequence('evaluation', shape), { training: false });
    expectClose(evaluated.features, expected.evaluation, 5e-5, 'features in evaluation');
  });

  it('has the variables of pytorch-i3d, by its names', () => {
    const encoder = make(i3d, {}, 'video', [16, 64, 64, 3]);
    const { params, state } = start(encoder);
    const variables = { ...params, ...state };
    expect(encoder.featureSize).toBe(1024);
    expect(Object.values(params).reduce((sum, leaf) => sum + leaf.size, 0)).toBe(fixture.full.count);
    const names = encoder.names!;
    expect(names.map(({ path }) => path).sort()).toEqual(Object.keys(variables).sort());
    const published = Object.fromEntries(
      names.map(({ path, tensor, layout }) => {
        const { shape } = variables[path]!;
        if (layout === 'as-is') return [tensor, shape];
        const [time, height, width, inputs, filters] = shape;
        return [tensor, [filters, inputs, time, height, width]];
      }),
    );
    expect(published).toEqual(fixture.full.shapes);
    const prefixes = encoder.layers!.flat();
    expect([prefixes.length, prefixes[0], prefixes.at(-1)]).toEqual([12, 'Conv3d_1a_7x7', 'Mixed_5c']);
    for (const { path } of names) expect(prefixes.filter((prefix) => path.startsWith(`${prefix}/`))).toHaveLength(1);
    tf.dispose(Object.values(variables));
  });

  it('takes any number of channels and scales by width', () => {
    for (const channels of [1, 2, 3]) {
      const encoder = make(i3d, { width: 1 / 64 }, 'video', [4, 32, 32, channels]);
      expect([encoder.featureSize, start(encoder).params['Conv3d_1a_7x7/conv3d/kernel']!.shape]).toEqual([16, [7, 7, 7, channels, 1]]);
    }
  });

  it('has four stages, which run one after another are the whole', () => {
    const encoder = make(i3d, {}, 'video', [9, 34, 40, 3]);
    expect(encoder.stages!.channels).toEqual([192, 480, 832, 1024]);
    const small = make(i3d, { width: 1 / 32, dropout: 0 }, 'video', [9, 34, 40, 2]);
    const { features, stageShapes } = pass(small, start(small), sequence('clips', [2, 9, 34, 40, 2]));
    expect(features.shape).toEqual([2, small.featureSize]);
    expect(stageShapes).toEqual([
      [2, 5, 9, 10, 6],
      [2, 5, 5, 5, 15],
      [2, 3, 3, 3, 26],
      [2, 2, 2, 2, 32],
    ]);
    expect(stageShapes.map((shape) => shape.at(-1))).toEqual(small.stages!.channels);
  });

  it('drops features in training only, by the key of the pass', () => {
    expectKeyedDropout(make(i3d, { width: 1 / 32 }, 'video', [4, 16, 16, 1]), sequence('clips', [2, 4, 16, 16, 1]));
  });

  it('refuses other kinds, malformed options, and videos smaller than the fixed window', () => {
    expect(() => make(i3d, {}, 'image', [32, 32, 3])).toThrow(incompatible);
    expect(() => make(i3d, { pool: 'window' }, 'video', [9, 193, 193, 1])).not.toThrow();
    expect(() => make(i3d, { pool: 'window' }, 'video', [8, 224, 224, 3])).toThrow(/at least 9 x 193 x 193; "m" has 8 x 224 x 224/);
    expect(() => make(i3d, { pool: 'window' }, 'video', [16, 224, 192, 3])).toThrow(incompatible);
    expect(i3d.options.safeParse({ pool: 'max' }).success).toBe(false);
    expect(i3d.options.safeParse({ width: 0 }).success).toBe(false);
    expect(i3d.options.safeParse({ dropout: 1 }).success).toBe(false);
  });
});
