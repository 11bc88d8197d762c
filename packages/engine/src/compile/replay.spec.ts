import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, CompiledProgram, Engine, Program } from '@equimodal/core';
import { beforeAll, expect, it } from 'vitest';
import type { NativeBackend } from '../backend/native.js';
import { statelessUniform } from '../ops/stateless-uniform/stateless-uniform.js';
import { tensorCount } from '../ops/tensor-count.js';
import { onEachEngine, tensorOf } from '../test-engine/checks.fixture.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import { WORTH_CAPTURING } from './replay.js';

const numbersOf = (tensor: Tensor): number[] => [...tensor.dataSync()];
const disposeBundle = (bundle: Bundle): void => Object.values(bundle).forEach((tree) => tf.dispose({ ...tree }));
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`equimodal-graph-${process.pid}`));

/** One step of gradient descent on a small network with dropout. */
const descent: Program = {
  name: 'descent',
  run({ params, batch, controls }) {
    const loss = (w: Tensor, v: Tensor): tf.Scalar => {
      const hidden = tf.relu(tf.matMul(batch!['x'] as tf.Tensor2D, w as tf.Tensor2D));
      const kept = tf.cast(tf.greater(statelessUniform(hidden.shape, controls!['key']!), 0.3), 'float32');
      return tf.mean(tf.square(tf.sub(tf.matMul(tf.mul(hidden, kept) as tf.Tensor2D, v as tf.Tensor2D), batch!['y']!)));
    };
    const { value, grads } = tf.valueAndGrads(loss)([params!['w']!, params!['v']!]);
    const step = (leaf: Tensor, gradient: Tensor): Tensor => tf.sub(leaf, tf.mul(controls!['rate']!, gradient));
    return { params: { w: step(params!['w']!, grads[0]!), v: step(params!['v']!, grads[1]!) }, signals: { value } };
  },
};

/** Trains for some steps and returns the losses. */
function descend(step: (inputs: Bundle) => Bundle, steps: number): number[] {
  const losses: number[] = [];
  let params: Bundle[string] = { w: tensorOf([5, 7], 1), v: tensorOf([7, 1], 2) };
  for (let i = 0; i < steps; i++) {
    const batch = { x: tensorOf([16, 5], 10 + i), y: tensorOf([16, 1], 50 + i) };
    const controls = { rate: tf.scalar(0.05 / (1 + i)), key: tf.tensor1d([i, 3], 'int32') };
    const outputs = step({ params, batch, controls });
    losses.push(numbersOf(outputs['signals']!['value']!)[0]!);
    tf.dispose([{ ...params }, batch, controls, outputs['signals']!['value']!]);
    params = outputs['params']!;
  }
  tf.dispose({ ...params });
  return losses;
}

onEachEngine(() => {
  let engine: Engine;
  let backend: NativeBackend;
  let warnings: string[];
  const compile = (program: Program): CompiledProgram => {
    warnings = [];
    return engine.compile(program, { onWarning: (message) => warnings.push(message) });
  };
  const sessions = (): number => backend.binding.getNumOfSavedModels();

  beforeAll(async () => {
    engine = await startTestEngine('native');
    backend = tf.backend() as unknown as NativeBackend;
  });

  it('says that it captures', () => {
    expect(engine.capture).toBe(true);
  });

  it('gives the losses of eager execution over 40 steps, with dropout masks that change', () => {
    const step = compile(descent);
    const replayed = descend(step, 40);
    const eager = descend((inputs) => tf.tidy(() => descent.run(inputs) as Record<string, Record<string, Tensor>>), 40);
    expect(warnings).toEqual([]);
    expect(sessions()).toBe(1);
    replayed.forEach((loss, i) => expect(loss).toBeCloseTo(eager[i]!, 5));
    expect(new Set(replayed).size).toBe(40);
    step.dispose();
    expect(sessions()).toBe(0);
  });

  it('gives bit-equal losses when it trains twice', () => {
    const losses = [0, 1].map(() => {
      const step = compile(descent);
      const result = descend(step, 60);
      step.dispose();
      return result;
    });
    expect(losses[0]).toEqual(losses[1]);
  });

  it('runs the program again for the guarded calls only: 1, 2, 3, 16, 256', () => {
    let runs = 0;
    const step = compile({ name: 'counted', run: ({ a }) => (runs++, { b: { y: tf.square(a!['x']!) } }) });
    for (let i = 1; i <= 300; i++) {
      const x = tf.scalar(i);
      const outputs = step({ a: { x } });
      expect(numbersOf(outputs['b']!['y']!)).toEqual([i * i]);
      disposeBundle(outputs);
      x.dispose();
    }
    expect(runs).toBe(5);
    step.dispose();
  });

  it('keeps neither tensors nor memory of TensorFlow over 1,000 replays, and leaves no folder', () => {
    const step = compile(descent);
    descend(step, 4);
    const [tensors, native] = [tensorCount(), backend.binding.getNumOfTensors()];
    descend(step, 1000);
    expect(tensorCount()).toBe(tensors);
    expect(backend.binding.getNumOfTensors()).toBe(native);
    step.dispose();
    expect(folders()).toEqual([]);
  });

  it('hands inputs through, gives doubles handles of their own, and returns constants', () => {
    const before = tensorCount();
    const x = tf.tensor1d([1, 2]);
    const step = compile({
      name: 'mixed',
      run({ data }) {
        const y = tf.neg(data!['x']!);
        return { a: { same: data!['x']!, y, again: y, reshaped: tf.reshape(y, [2, 1]) }, b: { constant: tf.tensor1d([5, 6, 7]), y } };
      },
    });
    for (let i = 0; i < 5; i++) {
      const { a, b } = step({ data: { x } });
      a!['y']!.dispose();
      expect(numbersOf(a!['again']!)).toEqual([-1, -2]);
      expect(numbersOf(a!['same']!)).toEqual([1, 2]);
      expect(a!['reshaped']!.shape).toEqual([2, 1]);
      expect(numbersOf(b!['constant']!)).toEqual([5, 6, 7]);
      expect(numbersOf(b!['y']!)).toEqual([-1, -2]);
      tf.dispose([a!['again']!, a!['same']!, a!['reshaped']!, { ...b }]);
    }
    expect(warnings).toEqual([]);
    step.dispose();
    x.dispose();
    expect(tensorCount()).toBe(before);
  });

  it('tells inputs apart that share memory when it is captured', () => {
    const x = tf.scalar(3);
    const shared = x.clone();
    const other = tf.scalar(10);
    const step = compile({ name: 'difference', run: ({ d }) => ({ o: { y: tf.sub(d!['a']!, d!['b']!) } }) });
    const difference = (a: Tensor, b: Tensor): number => {
      const outputs = step({ d: { a, b } });
      const [value] = numbersOf(outputs['o']!['y']!);
      disposeBundle(outputs);
      return value!;
    };
    expect(difference(x, shared)).toBe(0);
    expect(difference(other, x)).toBe(7);
    expect(difference(shared, other)).toBe(-7);
    expect(warnings).toEqual([]);
    tf.dispose([x, shared, other]);
    step.dispose();
  });

  it('feeds tensors from outside, and captures again when one of them is gone', () => {
    let outside = tf.tidy(() => tf.mul(tf.scalar(2), 1));
    let waiting = tf.scalar(100);
    let runs = 0;
    const step = compile({
      name: 'closure',
      run: ({ d }) => (runs++, { o: { y: tf.add(tf.mul(d!['x']!, outside), waiting), outside } }),
    });
    const x = tf.scalar(5);
    const at = (): number[] => {
      const outputs = step({ d: { x } });
      const values = Object.values(outputs['o']!).map((tensor) => numbersOf(tensor)[0]!);
      disposeBundle(outputs);
      return values;
    };
    for (let i = 0; i < 5; i++) expect(at()).toEqual([110, 2]);
    expect(runs).toBe(3);
    tf.dispose([outside, waiting]);
    outside = tf.scalar(3);
    waiting = tf.scalar(1000);
    for (let i = 0; i < 5; i++) expect(at()).toEqual([1015, 3]);
    expect(runs).toBe(6);
    expect(warnings).toEqual([]);
    tf.dispose([outside, waiting, x]);
    step.dispose();
  });

  it('makes a graph for each signature, and lets go of the one unused for longest', () => {
    const step = compile({ name: 'sized', run: ({ d }) => ({ o: { y: tf.sum(d!['x']!) } }) });
    const at = (size: number): void => {
      const x = tf.ones([size]);
      const outputs = step({ d: { x } });
      expect(numbersOf(outputs['o']!['y']!)).toEqual([size]);
      disposeBundle(outputs);
      x.dispose();
    };
    for (let size = 1; size <= 12; size++) at(size);
    expect(sessions()).toBe(8);
    at(1);
    at(12);
    expect(sessions()).toBe(8);
    step.dispose();
    expect(sessions()).toBe(0);
  });

  it('falls back to eager execution, with a warning, when a number from outside changes unseen', () => {
    let factor = 1;
    const step = compile({ name: 'drifting', run: ({ d }) => ({ o: { y: tf.mul(d!['x']!, factor) } }) });
    const x = tf.scalar(4);
    for (factor = 1; factor <= 5; factor++) {
      const outputs = step({ d: { x } });
      expect(numbersOf(outputs['o']!['y']!)).toEqual([4 * factor]);
      disposeBundle(outputs);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/program drifting .*eagerly.*disagrees.*o\/y/);
    expect(sessions()).toBe(0);
    x.dispose();
    step.dispose();
  });

  it('falls back with a warning where ops cannot be written as a graph', () => {
    const step = compile({
      name: 'stringly',
      run: ({ d }) => ({ o: { y: tf.add(d!['x']!, tf.cast(tf.equal(tf.tensor1d(['a']), tf.tensor1d(['a'])), 'float32')) } }),
    });
    const x = tf.tensor1d([1]);
    for (let i = 0; i < 3; i++) {
      const outputs = step({ d: { x } });
      expect(numbersOf(outputs['o']!['y']!)).toEqual([2]);
      disposeBundle(outputs);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/program stringly .*strings/);
    x.dispose();
    step.dispose();
  });

  it('leaves rare programs alone', () => {
    let runs = 0;
    const step = engine.compile({ name: 'rare', run: ({ d }) => (runs++, { o: { y: tf.neg(d!['x']!) } }) }, { calls: WORTH_CAPTURING - 1 });
    const x = tf.scalar(1);
    for (let i = 0; i < 6; i++) disposeBundle(step({ d: { x } }));
    expect(runs).toBe(6);
    expect(sessions()).toBe(0);
    x.dispose();
    step.dispose();
  });

  it('passes on what a program throws, and works afterwards', () => {
    let fail = true;
    const before = tensorCount();
    const step = compile({
      name: 'failing',
      run({ d }) {
        const y = tf.neg(d!['x']!);
        if (fail) throw new TypeError('mine');
        return { o: { y } };
      },
    });
    const x = tf.scalar(1);
    expect(() => step({ d: { x } })).toThrow(TypeError);
    fail = false;
    for (let i = 0; i < 3; i++) disposeBundle(step({ d: { x } }));
    expect(warnings).toEqual([]);
    x.dispose();
    step.dispose();
    expect(tensorCount()).toBe(before);
  });
}, ['native']);
