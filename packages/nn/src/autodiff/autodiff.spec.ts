import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from './autodiff.js';

describe('valueAndGradients', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('differentiates a scalar and keeps what else was computed', () => {
    const params = { a: tf.tensor1d([1, 2]), b: tf.scalar(3) };
    const { value, aux, gradients } = valueAndGradients(() => {
      const squares = tf.square(params.a);
      return { value: tf.mul(tf.sum(squares), params.b), aux: { squares } };
    }, params);
    expect(value.dataSync()[0]).toBe(15);
    expect([...aux.squares.dataSync()]).toEqual([1, 4]);
    expect([...gradients['a']!.dataSync()]).toEqual([6, 12]);
    expect([...gradients['b']!.dataSync()]).toEqual([5]);
  });

  it('gives zeros for parameters the value does not depend on', () => {
    const params = { a: tf.scalar(2), unused: tf.ones([2, 2]) };
    const { gradients } = valueAndGradients(() => ({ value: tf.square(params.a), aux: {} }), params);
    expect(gradients['unused']!.shape).toEqual([2, 2]);
    expect([...gradients['unused']!.dataSync()]).toEqual([0, 0, 0, 0]);
    const none = valueAndGradients(() => ({ value: tf.scalar(4), aux: {} }), params);
    expect(none.gradients['a']!.dataSync()[0]).toBe(0);
  });

  it('accepts a parameter as the value and as aux', () => {
    const params = { a: tf.scalar(2) };
    const { value, aux, gradients } = valueAndGradients(() => ({ value: params.a, aux: { same: params.a } }), params);
    expect(gradients['a']!.dataSync()[0]).toBe(1);
    value.dispose();
    aux.same.dispose();
    expect(params.a.dataSync()[0]).toBe(2);
  });

  it('leaves exactly what it returns, and nothing at all inside a tidy', () => {
    const params = { a: tf.tensor1d([1, 2]), b: tf.scalar(1) };
    const call = () =>
      valueAndGradients(() => {
        const y = tf.tanh(tf.mul(params.a, params.b));
        return { value: tf.sum(y), aux: { y } };
      }, params);
    const before = tf.memory().numTensors;
    const { value, aux, gradients } = call();
    expect(tf.memory().numTensors - before).toBe(4);
    tf.dispose([value, ...Object.values(aux), ...Object.values(gradients)]);
    expect(tf.memory().numTensors).toBe(before);
    tf.tidy(() => void call());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaks nothing when the function or the backward pass throws, and works afterwards', () => {
    const params = { a: tf.scalar(2) };
    const before = tf.memory().numTensors;
    const faulty = () =>
      valueAndGradients(
        () => ({ value: tf.square(params.a), aux: { y: tf.square(params.a), gone: undefined as unknown as tf.Tensor } }),
        params,
      );
    expect(faulty).toThrow();
    expect(() =>
      valueAndGradients(() => {
        throw new Error('mine');
      }, params),
    ).toThrow('mine');
    expect(tf.memory().numTensors).toBe(before);
    expect(valueAndGradients(() => ({ value: tf.square(params.a), aux: {} }), params).gradients['a']!.dataSync()[0]).toBe(4);
  });

  it('lets go of gradients and saved tensors on the way back', () => {
    const params = { a: tf.ones([64]) };
    const peak = (depth: number): number => {
      let most = 0;
      const before = tf.memory().numTensors;
      const watched = tf.customGrad((x) => ({
        value: tf.clone(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => {
          most = tf.memory().numTensors - before;
          return tf.clone(dy);
        },
      }));
      const { value, gradients } = valueAndGradients(() => {
        let x: tf.Tensor = watched(params.a);
        for (let i = 0; i < depth; i++) x = tf.tidy(() => tf.mul(tf.tanh(x), x));
        return { value: tf.sum(x), aux: {} };
      }, params);
      tf.dispose([value, { ...gradients }]);
      return most;
    };
    // What is left at the first op does not depend on how many came behind it.
    expect(peak(8)).toBe(peak(2));
  });

  it('keeps a gradient that an op hands on as it is, or to two inputs', () => {
    const params = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) };
    const same = tf.customGrad((x, y) => ({ value: tf.add(x as tf.Tensor, y as tf.Tensor), gradFunc: (dy: tf.Tensor) => [dy, dy] }));
    const { gradients } = valueAndGradients(
      () => ({ value: tf.sum(tf.mul(same(tf.square(params.a), tf.square(params.b)), params.a)), aux: {} }),
      params,
    );
    // d/da (a^2 + b^2) a = 3 a^2 + b^2, d/db = 2 a b
    expect([...gradients['a']!.dataSync()]).toEqual([12, 28]);
    expect([...gradients['b']!.dataSync()]).toEqual([6, 16]);
  });

  it('differentiates inside another differentiation', () => {
    const params = { a: tf.scalar(3) };
    const { gradients } = valueAndGradients(() => {
      const inner = valueAndGradients(() => ({ value: tf.mul(tf.square(params.a), params.a), aux: {} }), params);
      return { value: tf.mul(inner.gradients['a']!, params.a), aux: {} };
    }, params);
    // d/da 3 a^3 = 9 a^2
    expect(gradients['a']!.dataSync()[0]).toBeCloseTo(81, 3);
  });

  it('refuses a value that is not a scalar', () => {
    const params = { a: tf.tensor1d([1, 2]) };
    expect(() => valueAndGradients(() => ({ value: tf.square(params.a), aux: {} }), params)).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }),
    );
  });

  it('computes value and aux without parameters, keeps nothing else, and still wants a scalar', () => {
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const { value, aux, gradients } = valueAndGradients(() => ({ value: tf.sum(tf.square(x)), aux: { twice: tf.mul(x, 2) } }), {});
    expect([value.dataSync()[0], [...aux.twice.dataSync()], gradients]).toEqual([5, [2, 4], {}]);
    expect(tf.memory().numTensors - before).toBe(2);
    expect(() => valueAndGradients(() => ({ value: tf.square(x), aux: {} }), {})).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }),
    );
    expect(tf.memory().numTensors - before).toBe(2);
  });
});
