import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Program } from '@equimodal/core';
import { expect, it } from 'vitest';
import { tensorCount } from '../ops/tensor-count.js';
import { onEachEngine } from '../test-engine/checks.fixture.js';
import { startTestEngine } from '../test-engine/test-engine.js';

const program = (run: Program['run']): Program => ({ name: 'test-step', run });
const disposeBundle = (bundle: Bundle): void => Object.values(bundle).forEach((tree) => tf.dispose({ ...tree }));

onEachEngine((id) => {
  it('hands out new tensors and keeps nothing else', async () => {
    const engine = await startTestEngine(id);
    const step = engine.compile(program(({ params }) => ({ params: { w: tf.sub(params!['w']!, tf.mul(params!['w']!, 0.5)) } })));
    const w = tf.tensor1d([2, 4]);
    const before = tensorCount();
    const outputs = step({ params: { w } });
    expect(tensorCount()).toBe(before + 1);
    expect(engine.memory().tensors).toBe(before + 1);
    expect([...outputs['params']!['w']!.dataSync()]).toEqual([1, 2]);
    disposeBundle(outputs);
    expect([...w.dataSync()]).toEqual([2, 4]);
    w.dispose();
  });

  it('makes inputs, tensors from outside and doubles handles of their own', async () => {
    const engine = await startTestEngine(id);
    const outside = tf.tensor1d([7]);
    const x = tf.tensor1d([1, 2]);
    const step = engine.compile(
      program(({ data }) => {
        const y = tf.square(data!['x']!);
        return { a: { same: data!['x']!, y, again: y }, b: { y, outside } };
      }),
    );
    const outputs = step({ data: { x } });
    disposeBundle(outputs);
    expect(x.isDisposed).toBe(false);
    expect(outside.isDisposed).toBe(false);
    const next = step({ data: { x } });
    x.dispose();
    outside.dispose();
    expect([...next['a']!['same']!.dataSync()]).toEqual([1, 2]);
    expect([...next['a']!['again']!.dataSync()]).toEqual([1, 4]);
    expect([...next['b']!['outside']!.dataSync()]).toEqual([7]);
    next['a']!['y']!.dispose();
    expect([...next['b']!['y']!.dataSync()]).toEqual([1, 4]);
    disposeBundle({ a: { same: next['a']!['same']!, again: next['a']!['again']! }, b: next['b']! });
  });

  it('refuses what is not a tree of live tensors, and names it', async () => {
    const engine = await startTestEngine(id);
    const before = tensorCount();
    const disposed = tf.tidy(() => tf.ones([1]));
    disposed.dispose();
    const wrong: [unknown, RegExp][] = [
      [Promise.resolve({}), /promise/],
      [undefined, /undefined/],
      [{ metrics: { loss: undefined } }, /metrics\/loss is undefined/],
      [{ metrics: { loss: 3 } }, /metrics\/loss is 3/],
      [{ metrics: { loss: Promise.resolve(1) } }, /metrics\/loss is a promise/],
      [{ metrics: Promise.resolve({}) }, /metrics is a promise/],
      [{ metrics: { loss: disposed } }, /metrics\/loss is a disposed tensor/],
    ];
    for (const [value, message] of wrong) {
      const step = engine.compile(program(() => value as Bundle));
      expect(() => step({})).toThrow(
        expect.objectContaining({
          code: 'EQM_PLUGIN_FAULT',
          message: expect.stringMatching(message) as string,
        }),
      );
      expect(() => step({})).toThrow(/test-step/);
    }
    expect(tensorCount()).toBe(before);
  });

  it('cannot be called after dispose', async () => {
    const step = (await startTestEngine(id)).compile(program(() => ({})));
    expect(step({})).toEqual({});
    step.dispose();
    expect(() => step({})).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
