import { loadGraphModelSync } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from '@equimodal/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../select/select.js';
import { usableTestEngines } from '../test-engine/test-engine.js';
import { graphModel, type GraphModelRequest } from './graph-model.js';

const usable = await usableTestEngines();
const request = (run: (x: tf.Tensor2D, w: tf.Tensor2D) => tf.Tensor, size: number | null = null): GraphModelRequest => {
  const program: Program = {
    name: 'tried',
    run: ({ batch, weights }) => ({ out: { y: run(batch!['x'] as tf.Tensor2D, weights!['w'] as tf.Tensor2D) } }),
  };
  return {
    program,
    weights: { weights: { w: tf.tensor2d([1, -2, 3, 0.5], [2, 2]) } },
    batch: (rows) => ({
      x: tf.tensor2d(
        Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)),
        [rows, 2],
      ),
    }),
    inputs: { x: 'given' },
    outputs: { 'out/y': 'result' },
    size,
  };
};

describe.skipIf(!usable.includes('native'))('a program as a GraphModel', () => {
  beforeAll(() => selectEngine({ requested: 'native' }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('is what tf.loadGraphModel reads: named inputs and outputs, weights by path, any batch', () => {
    const { json, weights, batch, largestDifference } = graphModel(request((x, w) => tf.softmax(tf.matMul(x, w))));
    expect([batch, largestDifference < 1e-6]).toEqual([-1, true]);
    const model = loadGraphModelSync([json as never, new Uint8Array(weights).buffer]);
    expect(model.inputs).toMatchObject([{ name: 'given', shape: [-1, 2], dtype: 'float32' }]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['result']);
    expect(Object.keys(model.weights)).toContain('weights/w');
    const y = model.predict(tf.tensor2d([1, 0], [1, 2])) as tf.Tensor;
    const [first, second] = y.dataSync();
    expect(first! / second!).toBeCloseTo(Math.exp(3), 3);
    model.dispose();
  });

  it.each([
    ['shapes', (x: tf.Tensor2D) => tf.reshape(tf.reshape(x, [-1]), [x.shape[0], 2])],
    ['repetitions', (x: tf.Tensor2D) => tf.add(x, tf.tile(tf.tensor2d([1, 2], [1, 2]), [x.shape[0], 1]))],
    ['sizes', (x: tf.Tensor2D) => tf.add(x, tf.fill([x.shape[0], 2], 3))],
    ['limits', (x: tf.Tensor2D) => tf.gather(x, tf.range(0, x.shape[0], 1, 'int32'))],
    ['slices of the batch', (x: tf.Tensor2D) => tf.slice(tf.concat([x, tf.neg(x)], 0), [x.shape[0], 0], [x.shape[0], 2])],
  ])('leaves the batch open where it holds %s', (_, run) => {
    const made = graphModel(request((x, w) => tf.matMul(run(x) as tf.Tensor2D, w)));
    expect([made.batch, made.largestDifference < 1e-6]).toEqual([-1, true]);
  });

  it('says what holds the size of the batch, and can be written for one size', () => {
    // Numbers made in JavaScript, as many as there are rows.
    const run = (x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor =>
      tf.add(
        tf.matMul(x, w),
        tf.tensor2d(
          Float32Array.from({ length: x.shape[0] }, (_, i) => i),
          [x.shape[0], 1],
        ),
      );
    expect(() => graphModel(request(run))).toThrow(/for batches of any size: the op Add\w* holds it/);
    const made = graphModel(request(run, 5));
    expect([made.batch, made.largestDifference < 1e-6]).toEqual([5, true]);
  });

  it('leaves no tensor but those it was given', () => {
    const own = request((x, w) => tf.matMul(x, w));
    const before = tf.memory().numTensors;
    graphModel(own);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what is not an output', () => {
    expect(() => graphModel({ ...request((x, w) => tf.matMul(x, w)), outputs: { 'out/z': 'result' } })).toThrow(
      'the program has no output out/z',
    );
  });
});

describe('on another engine', () => {
  it('a graph cannot be written', async () => {
    await selectEngine({ requested: 'cpu' });
    expect(() => graphModel(request((x, w) => tf.matMul(x, w)))).toThrow(/only be written by the native engine/);
  });
});
