import * as tf from '@tensorflow/tfjs-core';
import { CONTRACT_VERSION, definePiece, definePlugin, EquimodalError } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expectFinite, expectGradient, expectNoLeak, normal } from '../checks/tensors.js';
import { toyDataset } from '../toy/toy-dataset.js';
import { toyPlugin } from '../toy/toy-plugin.js';
import { conformance, expectCoded } from './conformance.js';

// The kit passes on right pieces ...
conformance(toyPlugin());
conformance(
  definePlugin({
    name: 'a right plugin',
    contractVersion: CONTRACT_VERSION,
    provides: [
      definePiece({
        kind: 'alpha-scheduler',
        id: 'half',
        description: 'One half in every epoch.',
        facts: {},
        options: z.object({ value: z.number().default(0.5) }),
        create: ({ value }) => ({ initial: value, update: () => ({ alpha: value }) }),
      }),
    ],
  }),
);

// ... and each of its checks fails on a wrong one.
describe('the checks', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('expectGradient finds a wrong gradient', () => {
    const at = { x: normal([5], 'x') };
    const wrong = tf.customGrad((x) => ({
      value: tf.sum(tf.square(x as tf.Tensor)),
      gradFunc: (dy: tf.Tensor) => tf.mul(x as tf.Tensor, tf.mul(dy, 3)),
    }));
    expect(() => expectGradient((tree) => wrong(tree['x']!), at)).toThrow(/finite differences/);
    expectGradient((tree) => tf.sum(tf.square(tree['x']!)), at);
    at.x.dispose();
  });

  it('expectNoLeak finds a tensor left behind', () => {
    const left: tf.Tensor[] = [];
    expect(() => expectNoLeak(() => left.push(tf.scalar(1)))).toThrow(/left behind/);
    left.forEach((tensor) => tensor.dispose());
    expectNoLeak(() => tf.scalar(1).dispose());
  });

  it('expectFinite names the place', () => {
    const tensor = tf.tensor1d([1, NaN]);
    expect(() => expectFinite(tensor, 'features')).toThrow('features[1] is NaN');
    tensor.dispose();
  });

  it('expectCoded wants a coded error and that code', () => {
    const thrown = () => {
      throw new EquimodalError('EQM_DATA_ROOT', 'no folder');
    };
    expectCoded(thrown, 'EQM_DATA_ROOT');
    expect(() => expectCoded(thrown, 'EQM_DATA_MISSING')).toThrow();
    expect(() => expectCoded(() => undefined, 'EQM_DATA_ROOT')).toThrow(/nothing was thrown/);
  });
});

describe('toyDataset', () => {
  it('is the same for the same arguments, with every class in every split', async () => {
    const modalities = [{ name: 'audio', kind: 'vector' as const, shape: [4] }];
    const [a, b] = [toyDataset(modalities), toyDataset(modalities)];
    const rows = Int32Array.from([5, 0]);
    expect(await a.splits.train.read(rows)).toEqual(await b.splits.train.read(rows));
    expect(new Set(a.splits.test.labels).size).toBe(3);
  });
});
