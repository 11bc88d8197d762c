import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { openScope, stepRandom } from './scope.js';

const key = (a = 1, b = 2) => tf.tensor1d([a, b], 'int32');
const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

describe('openScope', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('resolves parameters and state by path', () => {
    const { scope } = openScope({ params: { 'a/0/kernel': tf.scalar(5) }, state: { 'a/mean': tf.scalar(2) }, training: false });
    const inner = scope.at('a').at(0);
    expect(inner.path).toBe('a/0');
    expect(inner.param('kernel').dataSync()[0]).toBe(5);
    expect([inner.hasParam('kernel'), inner.hasParam('bias'), inner.training]).toEqual([true, false, false]);
    expect(scope.at('a').state('mean').dataSync()[0]).toBe(2);
  });

  it('names the path and the nearest one when something is missing', () => {
    const { scope } = openScope({ params: { 'a/kernel': tf.scalar(5) }, state: {}, training: false });
    expect(() => scope.at('a').param('kernal')).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'a/kernal' }));
    expect(() => scope.at('a').param('kernal')).toThrow(/a\/kernel/);
    expect(() => scope.state('mean')).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    expect(() => scope.setState('mean', tf.scalar(0))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'mean' }));
  });

  it('collects new state without touching the old tree, and shows it to later readers of the pass', () => {
    const state = { 'bn/mean': tf.scalar(1), 'bn/variance': tf.scalar(2) };
    const { scope, newState } = openScope({ params: {}, state, training: true });
    scope.at('bn').setState('mean', tf.scalar(7));
    expect(scope.at('bn').state('mean').dataSync()[0]).toBe(7);
    expect(state['bn/mean'].dataSync()[0]).toBe(1);
    expect(newState()['bn/mean']!.dataSync()[0]).toBe(7);
    expect(newState()['bn/variance']).toBe(state['bn/variance']);
  });
});

describe('random numbers of a pass', () => {
  const draw = (k: tf.Tensor, site: string) =>
    values(openScope({ params: {}, state: {}, training: true, key: k }).scope.at(site).random.uniform([8]));

  it('depend on key and site only', () => {
    expect(draw(key(), 'a')).toEqual(draw(key(), 'a'));
    expect(draw(key(), 'a')).not.toEqual(draw(key(), 'b'));
    expect(draw(key(), 'a')).not.toEqual(draw(key(1, 3), 'a'));
    expect(draw(key(2147483647, -2147483648), 'a')).toEqual(draw(key(2147483647, -2147483648), 'a'));
  });

  it('differ from call to call, also when a module is entered twice', () => {
    const { scope } = openScope({ params: {}, state: {}, training: true, key: key() });
    const [first, second, again] = [
      scope.at('a').random.uniform([8]),
      scope.at('a').random.uniform([8]),
      scope.at('b').random.uniform([8]),
    ];
    expect(values(first)).toEqual(draw(key(), 'a'));
    expect(values(second)).not.toEqual(values(first));
    // What one site draws does not move another.
    expect(values(again)).toEqual(draw(key(), 'b'));
  });

  it('are uniform in [0, 1) and standard normal', () => {
    const random = stepRandom(key(5, 6), 'site');
    const uniform = values(random.uniform([4000]));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(uniform.reduce((s, v) => s + v, 0) / 4000).toBeCloseTo(0.5, 1);
    const normal = values(random.normal([4000]));
    expect(normal.every(Number.isFinite)).toBe(true);
    const mean = normal.reduce((s, v) => s + v, 0) / 4000;
    // Four standard errors.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(4000));
    expect(Math.abs(normal.reduce((s, v) => s + v * v, 0) / 4000 - 1)).toBeLessThan(4 * Math.sqrt(2 / 4000));
  });

  it('need a key', () => {
    const { scope } = openScope({ params: {}, state: {}, training: false });
    expect(() => scope.at('dropout').random.uniform([1])).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'dropout' }));
  });
});
