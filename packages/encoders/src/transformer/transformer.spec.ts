import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, expectKeyedDropout, filled, make, pass, sequence, start, type Stored } from '../input/parity.fixture.js';
import { sinusoidalPositions } from './positions.js';
import { transformer } from './transformer.js';
import fixture from './transformer.fixture.json' with { type: 'json' };

interface Case {
  readonly tokens: boolean;
  readonly options: { readonly padding: string };
  readonly features: Stored;
  readonly gradientSums: Readonly<Record<string, number>>;
}

const SMALL = { width: 8, depth: 2, heads: 2, dropout: 0, vocabulary: 9 };
const LENGTHS = [5, 3, 1, 4];
const ids = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');
const lengthMask = () =>
  tf.tensor(
    LENGTHS.flatMap((length) => Array.from({ length: 5 }, (_, t) => (t < length ? 1 : 0))),
    [4, 5, 1],
  );

describe('transformer', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture.cases as unknown as Record<string, Case>))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const encoder = c.tokens ? make(transformer, c.options, 'tokens', [5]) : make(transformer, c.options, 'sequence', [5, 3]);
    const steps = sequence('input', [4, 5, 3]);
    const input = c.tokens ? ids(fixture.ids) : c.options.padding === 'zeros' ? tf.mul(steps, lengthMask()) : steps;
    const { params, state } = start(encoder);
    const result = pass(encoder, { params: filled(params), state }, input, { weights: sequence('weights', [4, 4]) });
    expectClose(result.features, c.features, 1e-5, 'features');
    expect(Object.keys(params).sort()).toEqual(Object.keys(c.gradientSums).sort());
    for (const [path, sum] of Object.entries(c.gradientSums)) {
      expect(Math.abs(absoluteSum(result.gradients[path]!) - sum) / (1 + sum), path).toBeLessThan(1e-4);
    }
  });

  it.each(['mean', 'cls', 'max'])('does not see padding: %s', (pool) => {
    const options = { ...SMALL, pool, positions: 'sinusoidal', padding: 'zeros' };
    const variables = start(make(transformer, options, 'tokens', [2]));
    const { features } = pass(make(transformer, options, 'tokens', [2]), variables, ids([[3, 5]]));
    const long = make(transformer, options, 'tokens', [6]);
    const expected = { shape: features.shape, data: [...features.dataSync()] };
    expectClose(pass(long, variables, ids([[3, 5, 0, 0, 0, 0]])).features, expected, 1e-5, 'features');
    const { features: nothing, gradients } = pass(long, variables, tf.zeros([1, 6], 'int32'));
    for (const leaf of [nothing, ...Object.values(gradients)]) expect([...leaf.dataSync()].every(Number.isFinite)).toBe(true);
    if (pool !== 'cls') expect(absoluteSum(nothing)).toBe(0);
  });

  it('has its defaults, and names its layers so that each parameter is in exactly one', () => {
    const encoder = make(transformer, {}, 'sequence', [4, 3]);
    const { params, state } = start(encoder);
    expect(encoder.featureSize).toBe(128);
    expect(params['layers/1/linear1/kernel']!.shape).toEqual([128, 512]);
    expect(params['positions/table']!.shape).toEqual([4, 128]);
    expect(state).toEqual({});
    for (const [kind, shape, pool] of [
      ['sequence', [4, 3], 'mean'],
      ['tokens', [4], 'cls'],
    ] as const) {
      const chosen = make(transformer, { ...SMALL, pool }, kind, shape);
      for (const path of Object.keys(start(chosen).params)) {
        expect(
          chosen.layers!.flat().filter((prefix) => path.startsWith(`${prefix}/`)),
          path,
        ).toHaveLength(1);
      }
    }
  });

  it('tells steps apart by sines of falling frequency', () => {
    const { scope } = openScope({ params: {}, state: {}, training: false });
    const data = [0, 1, 0, 1, Math.sin(1), Math.cos(1), Math.sin(0.01), Math.cos(0.01)];
    expectClose(sinusoidalPositions.apply(scope, tf.zeros([1, 2, 4])), { shape: [1, 2, 4], data }, 1e-6, 'positions');
  });

  it('drops in training only, by the key of the pass', () => {
    expectKeyedDropout(make(transformer, { ...SMALL, dropout: 0.3 }, 'sequence', [4, 3]), sequence('x', [2, 4, 3]));
  });

  it('refuses other kinds, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(transformer, {}, 'vector', [3])).toThrow(incompatible);
    expect(transformer.options.safeParse({ width: 10, heads: 3 }).success).toBe(false);
    expect(transformer.options.safeParse({ pool: 'last' }).success).toBe(false);
    const encoder = make(transformer, SMALL, 'sequence', [4, 3]);
    expect(() => pass(encoder, start(encoder), tf.ones([2, 4, 2]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
