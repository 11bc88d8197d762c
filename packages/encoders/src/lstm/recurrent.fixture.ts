import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type AnyPiece } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, expectKeyedDropout, filled, make, pass, sequence, start, type Stored } from '../input/parity.fixture.js';

interface Agreement {
  readonly features: Stored;
  readonly gradientSums: Readonly<Record<string, number>>;
}

export interface RecurrentCase {
  /** PyTorch's figures by `pool`, for two layers of four units. */
  readonly fixture: Readonly<Record<'last' | 'mean', Agreement>>;
  /** The defaults on sequences [4, 3]. */
  readonly defaults: { readonly featureSize: number; readonly shapes: Readonly<Record<string, readonly number[]>> };
}

/** [rows, 5, features], zeros from each row's length on. */
const padded = (lengths: number[], features: number, time = 5) =>
  tf.slice(
    tf.mul(
      sequence('input', [lengths.length, 5, features]),
      tf.tensor(
        lengths.flatMap((length) => Array.from({ length: 5 }, (_, t) => (t < length ? 1 : 0))),
        [lengths.length, 5, 1],
      ),
    ),
    [0, 0, 0],
    [lengths.length, time, features],
  );

/** What holds for `lstm` and `bilstm` alike. Call it at the top of a spec. */
export function describeRecurrent(piece: AnyPiece, { fixture, defaults }: RecurrentCase): void {
  describe(piece.id, () => {
    beforeAll(async () => {
      await startTestEngine();
    });

    it.each(['last', 'mean'] as const)('agrees with PyTorch on padded sequences, forward and backward: %s', (pool) => {
      const encoder = make(piece, { units: 4, layers: 2, pool, padding: 'zeros' }, 'sequence', [5, 3]);
      const { params, state } = start(encoder);
      const weights = sequence('weights', fixture[pool].features.shape);
      const result = pass(encoder, { params: filled(params), state }, padded([5, 3, 1, 4], 3), { weights });
      expectClose(result.features, fixture[pool].features, 1e-5, 'features');
      expect(Object.keys(params).sort()).toEqual(Object.keys(fixture[pool].gradientSums).sort());
      for (const [path, sum] of Object.entries(fixture[pool].gradientSums)) {
        expect(absoluteSum(result.gradients[path]!), path).toBeCloseTo(sum, 4);
      }
    });

    it.each(['last', 'mean'])('does not see padding: %s', (pool) => {
      const options = { units: 4, layers: 2, pool };
      const long = make(piece, { ...options, padding: 'zeros' }, 'sequence', [5, 3]);
      const short = make(piece, options, 'sequence', [3, 3]);
      const variables = start(short);
      const { features } = pass(short, variables, padded([3, 3], 3, 3));
      expectClose(
        pass(long, variables, padded([3, 3], 3)).features,
        { shape: features.shape, data: [...features.dataSync()] },
        1e-6,
        'features',
      );
      expect([...pass(long, variables, tf.zeros([1, 5, 3])).features.dataSync()].every((v) => v === 0)).toBe(true);
      const whole = make(piece, options, 'sequence', [5, 3]);
      expect([...pass(whole, variables, padded([3, 3], 3)).features.dataSync()]).not.toEqual([...features.dataSync()]);
    });

    it('has its defaults', () => {
      const encoder = make(piece, {}, 'sequence', [4, 3]);
      const { params, state } = start(encoder);
      expect(encoder.featureSize).toBe(defaults.featureSize);
      expect(Object.fromEntries(Object.entries(params).map(([k, v]) => [k, v.shape]))).toEqual(defaults.shapes);
      expect(state).toEqual({});
    });

    it('drops between layers, in training only, by the key of the pass', () => {
      const encoder = make(piece, { units: 8, layers: 2, dropout: 0.5 }, 'sequence', [4, 3]);
      expectKeyedDropout(encoder, sequence('x', [2, 4, 3]));
    });

    it('depends on its random stream only', () => {
      const encoder = make(piece, { units: 4 }, 'sequence', [4, 3]);
      const values = (seed: number) => Object.values(encoder.init(new RandomStream(seed)).params).map((leaf) => [...leaf.dataSync()]);
      expect(values(1)).toEqual(values(1));
      expect(values(1)).not.toEqual(values(2));
    });

    it('refuses other kinds, malformed inputs and options', () => {
      const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
      expect(() => make(piece, {}, 'vector', [3])).toThrow(incompatible);
      expect(() => make(piece, {}, 'sequence', [3])).toThrow(incompatible);
      expect(piece.options.safeParse({ layers: 0 }).success).toBe(false);
      expect(piece.options.safeParse({ pool: 'max' }).success).toBe(false);
      const encoder = make(piece, { units: 2 }, 'sequence', [4, 3]);
      expect(() => pass(encoder, start(encoder), tf.ones([2, 4, 2]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    });
  });
}
