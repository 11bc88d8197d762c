import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Program } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectAgreement, expectDifferences, normals } from '../layer/agreement.fixture.js';
import type { Layer } from '../layer/layer.js';
import { expectClose, runLayer, tensorOf, treeOf, type Stored } from '../layer/parity.fixture.js';
import { openScope } from '../scope/scope.js';
import { transformerBlock, type TransformerBlockOptions } from './transformer-block.js';
import fixture from './transformer-block.fixture.json' with { type: 'json' };

interface Case {
  readonly options: TransformerBlockOptions;
  readonly output: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
}

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('transformerBlock', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture.cases as unknown as Record<string, Case>))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const block = transformerBlock(c.options);
    const masked: Layer = {
      init: (random) => block.init(random),
      apply: (scope, input) => block.apply(scope, input, tensorOf(fixture.mask)),
    };
    const { output, gradients } = runLayer(masked, {
      params: treeOf(fixture.params),
      input: tensorOf(fixture.input),
      weights: tensorOf(fixture.weights),
    });
    expectClose(output, c.output, 2e-5);
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(c.gradients).sort());
    for (const [path, gradient] of Object.entries(c.gradients)) expectClose(gradients[path]!, gradient, 5e-5, `of ${path}`);
  });

  it.each(['relu', 'gelu', 'gelu-tanh', 'quick-gelu'] as const)('has gradients that agree with differences: %s', (activation) => {
    const block = transformerBlock({ width: 4, heads: 2, feedForward: 3, activation, norm: activation === 'gelu' ? 'post' : 'pre' });
    const { params } = block.init(new RandomStream(1));
    // Attention has its own spec; here it only has to pass gradients on.
    const own = Object.fromEntries(Object.entries(params).filter(([path]) => !path.startsWith('attention/')));
    expectDifferences(
      ({ input, ...moved }) => block.apply(openScope({ params: { ...params, ...moved }, state: {}, training: false }).scope, input!),
      { ...own, input: normals([1, 2, 4], 5) },
      { step: 2e-3, tolerance: 1e-2 },
    );
  });

  it('has its defaults', () => {
    const { params } = transformerBlock({ width: 4, heads: 2 }).init(new RandomStream(1));
    expect(params['linear1/kernel']!.shape).toEqual([4, 16]);
    expect(Object.keys(params)).toHaveLength(16);
  });

  it('drops in training only, by the key of the pass, and is finite where all is padding', () => {
    const block = transformerBlock({ width: 4, heads: 2, dropout: 0.4 });
    const { params } = block.init(new RandomStream(1));
    const output = (key: number, training: boolean) => {
      const { scope } = openScope({ params, state: {}, training, key: tf.tensor1d([1, key], 'int32') });
      return [...block.apply(scope, normals([1, 3, 4], 5), tf.zeros([1, 3])).dataSync()];
    };
    expect(output(1, true)).toEqual(output(1, true));
    expect(output(1, true)).not.toEqual(output(2, true));
    expect(output(1, false)).toEqual(output(2, false));
    expect([...output(1, true), ...output(1, false)].every(Number.isFinite)).toBe(true);
  });

  it.each(['pre', 'post'] as const)('replays as a graph exactly as it runs eagerly: %s', async (norm) => {
    const block = transformerBlock({ width: 4, heads: 2, norm, dropout: 0.3 });
    const program: Program = {
      name: `block ${norm}`,
      run: ({ params, batch }) => {
        const { aux, gradients } = valueAndGradients(() => {
          const { scope } = openScope({ params: params!, state: {}, training: true, key: batch!['key']! });
          const output = block.apply(scope, batch!['input']!, batch!['mask']!);
          return { value: tf.sum(tf.mul(output, batch!['weights']!)), aux: { output } };
        }, params!);
        return { aux, gradients };
      },
    };
    await expectAgreement(program, (call) => ({
      params: block.init(new RandomStream(call)).params,
      batch: {
        input: normals([2, 3, 4], call),
        weights: normals([2, 3, 4], call + 20),
        mask: tf.tensor2d([1, 1, 1, 1, call % 2, 0], [2, 3]),
        key: tf.tensor1d([call, 7], 'int32'),
      },
    }));
  });

  it('keeps for the backward pass only what it needs', () => {
    const block = transformerBlock({ width: 8, heads: 2 });
    const { params } = block.init(new RandomStream(1));
    const input = normals([2, 3, 8], 4);
    tf.tidy(() => {
      const before = tf.memory().numTensors;
      block.apply(openScope({ params, state: {}, training: true }).scope, input);
      expect(tf.memory().numTensors - before).toBe(1);
    });
  });

  it('refuses malformed options and inputs', () => {
    expect(() => transformerBlock({ width: 5, heads: 2 })).toThrow(fault);
    expect(() => transformerBlock({ width: 4, heads: 2, feedForward: 0 })).toThrow(fault);
    const block = transformerBlock({ width: 4, heads: 2 });
    const { params } = block.init(new RandomStream(1));
    expect(() => runLayer(block, { params, input: tf.ones([2, 3, 5]), weights: tf.scalar(1) })).toThrow(fault);
  });
});
