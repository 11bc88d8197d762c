import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { relu } from '../activation/activation.js';
import { linear } from '../linear/linear.js';
import { openScope } from '../scope/scope.js';
import { checkPair, checkRange, checkShape, checkSize, checkTriple } from './check.js';
import { initChildren, pure, sequential } from './layer.js';

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('layers', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('chains layers below their number', () => {
    const net = sequential([linear({ inputs: 3, outputs: 4 }), relu, linear({ inputs: 4, outputs: 2, bias: false })]);
    const { params, state } = net.init(new RandomStream(1));
    expect(Object.keys(params)).toEqual(['0/kernel', '0/bias', '2/kernel']);
    const x = tf.tensor2d([[1, -2, 0.5]]);
    const hidden = tf.relu(tf.matMul(x, params['0/kernel'] as tf.Tensor2D));
    const expected = tf.matMul(hidden as tf.Tensor2D, params['2/kernel'] as tf.Tensor2D);
    expect([...net.apply(openScope({ params, state, training: false }).scope, x).dataSync()]).toEqual([...expected.dataSync()]);
  });

  it('draws each child from a stream of its own: siblings differ, and neither moves the other', () => {
    const child = linear({ inputs: 2, outputs: 2 });
    const both = initChildren({ a: child, b: child }, new RandomStream(1)).params;
    const alone = initChildren({ b: child }, new RandomStream(1)).params;
    expect([...both['a/kernel']!.dataSync()]).not.toEqual([...both['b/kernel']!.dataSync()]);
    expect([...both['b/kernel']!.dataSync()]).toEqual([...alone['b/kernel']!.dataSync()]);
  });

  it('makes a layer of a function', () => {
    const double = pure((x) => tf.mul(x, 2));
    expect(double.init(new RandomStream(0))).toEqual({ params: {}, state: {} });
    expect(double.apply(openScope({ params: {}, state: {}, training: false }).scope, tf.scalar(4)).dataSync()[0]).toBe(8);
  });

  it('checks sizes, ranges and shapes', () => {
    expect(checkSize(3, 'inputs', 'x')).toBe(3);
    for (const bad of [0, -1, 1.5, NaN]) expect(() => checkSize(bad, 'inputs', 'x')).toThrow(fault);
    expect(checkPair([2, 3], 'kernel', 'x')).toEqual([2, 3]);
    expect(checkPair(2, 'kernel', 'x')).toEqual([2, 2]);
    expect(checkTriple(2, 'kernel', 'x')).toEqual([2, 2, 2]);
    expect(() => checkTriple([1, 2, 0], 'kernel', 'x')).toThrow(fault);
    for (const bad of [-0.1, 1, NaN]) expect(() => checkRange(bad, 0, 1, 'rate', 'x')).toThrow(fault);
    checkShape(tf.zeros([2, 3]), [null, 3], 'x');
    expect(() => checkShape(tf.zeros([2, 3]), [null, 4], 'enc/fc')).toThrow(
      expect.objectContaining({
        code: 'EQM_PLUGIN_FAULT',
        where: 'enc/fc',
        message: expect.stringContaining('[*, 4], got [2, 3]') as string,
      }),
    );
    expect(() => checkShape(tf.zeros([2, 3]), [null, 3, 1], 'x')).toThrow(fault);
  });
});
