import * as tf from '@tensorflow/tfjs-core';
import type { Program, Tree } from '@equimodal/core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectAgreement, expectDifferences, normals } from '../layer/agreement.fixture.js';
import { expectClose, runLayer, tensorOf, treeOf, type Stored } from '../layer/parity.fixture.js';
import { openScope } from '../scope/scope.js';
import { attention, type AttentionContext, type AttentionLayer } from './attention.js';
import fixture from './attention.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

interface Case {
  readonly causal: boolean;
  readonly params: Readonly<Record<string, Stored>>;
  readonly input: Stored;
  readonly context?: Stored;
  readonly mask?: Stored;
  readonly weights: Stored;
  readonly output: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
}

/** One pass with the gradients of sum(weights * output) for parameters, input and context. */
function run(layer: AttentionLayer, params: Tree, inputs: Tree, weights: tf.Tensor, key?: [number, number]) {
  const { input, ...rest } = inputs;
  return valueAndGradients(
    () => {
      const { scope } = openScope({ params, state: {}, training: true, ...(key && { key: tf.tensor1d(key, 'int32') }) });
      const output = layer.apply(scope, input!, rest as AttentionContext);
      return { value: tf.sum(tf.mul(output, weights)), aux: { output } };
    },
    { ...params, ...Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'mask')) },
  );
}

describe('attention', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture as unknown as Record<string, Case>))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const layer = attention({ width: 6, heads: 2, causal: c.causal, ...(c.context && { contextWidth: c.context.shape[2]! }) });
    const inputs = {
      input: tensorOf(c.input),
      ...(c.context && { context: tensorOf(c.context) }),
      ...(c.mask && { mask: tensorOf(c.mask) }),
    };
    const { aux, gradients } = run(layer, treeOf(c.params), inputs, tensorOf(c.weights));
    expectClose(aux.output, c.output);
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(c.gradients).sort());
    for (const [path, gradient] of Object.entries(c.gradients)) expectClose(gradients[path]!, gradient, 2e-5, `of ${path}`);
  });

  const small = attention({ width: 4, heads: 2, causal: true });
  const x = () => normals([2, 3, 4], 3);

  it('has gradients that agree with differences', () => {
    const { params } = small.init(new RandomStream(1));
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 0], [2, 3]);
    expectDifferences(
      ({ input, ...own }) => {
        const { scope } = openScope({ params: own, state: {}, training: false });
        return small.apply(scope, input!, { mask });
      },
      { ...params, input: x() },
    );
  });

  it('is finite, and so are its gradients, for a row of nothing but padding', () => {
    const layer = attention({ width: 4, heads: 2 });
    const { params } = layer.init(new RandomStream(1));
    const mask = tf.tensor2d([0, 0, 0, 1, 1, 0], [2, 3]);
    const { aux, gradients } = run(layer, params, { input: x(), mask }, tf.ones([2, 3, 4]));
    for (const leaf of [aux.output, ...Object.values(gradients)]) expect([...leaf.dataSync()].every(Number.isFinite)).toBe(true);
  });

  it('does not see padding or, if causal, what comes later', () => {
    const { params } = small.init(new RandomStream(1));
    const changed = tf.add(x(), tf.tensor3d([0, 0, 5], [1, 3, 1]));
    const output = (input: tf.Tensor) => [...run(small, params, { input }, tf.ones([2, 3, 4])).aux.output.dataSync()];
    const before = output(x());
    output(changed).forEach((value, i) => expect(value === before[i], `entry ${i}`).toBe(i % 12 < 8));
  });

  it('drops attention weights in training, by the key of the pass', () => {
    const layer = attention({ width: 4, heads: 2, dropout: 0.5 });
    const { params } = layer.init(new RandomStream(1));
    const output = (key: [number, number]) => [...run(layer, params, { input: x() }, tf.ones([2, 3, 4]), key).aux.output.dataSync()];
    expect(output([1, 2])).toEqual(output([1, 2]));
    expect(output([1, 2])).not.toEqual(output([1, 3]));
  });

  it('replays as a graph exactly as it runs eagerly', async () => {
    const layer = attention({ width: 4, heads: 2, causal: true, dropout: 0.3 });
    const program: Program = {
      name: 'attention',
      run: ({ params, batch }) => {
        const { aux, gradients } = valueAndGradients(() => {
          const { scope } = openScope({ params: params!, state: {}, training: true, key: batch!['key']! });
          const output = layer.apply(scope, batch!['input']!, { mask: batch!['mask']! });
          return { value: tf.sum(tf.square(output)), aux: { output } };
        }, params!);
        return { aux, gradients };
      },
    };
    await expectAgreement(program, (call) => ({
      params: layer.init(new RandomStream(call)).params,
      batch: {
        input: normals([2, 3, 4], call),
        mask: tf.tensor2d([1, 1, 1, 1, call % 2, 0], [2, 3]),
        key: tf.tensor1d([call, 7], 'int32'),
      },
    }));
  });

  it('refuses malformed options, inputs, contexts and masks', () => {
    expect(() => attention({ width: 5, heads: 2 })).toThrow(/does not divide/);
    expect(() => attention({ width: 4, heads: 0 })).toThrow(fault);
    expect(() => attention({ width: 4, heads: 2, dropout: 1 })).toThrow(fault);
    const { params } = small.init(new RandomStream(1));
    expect(() => runLayer(small, { params, input: tf.ones([2, 4]), weights: tf.scalar(1) })).toThrow(fault);
    for (const wrong of [{ context: tf.ones([2, 4, 4]) }, { mask: tf.ones([2, 4]) }]) {
      expect(() => run(small, params, { input: x(), ...wrong }, tf.scalar(1))).toThrow(fault);
    }
  });
});
