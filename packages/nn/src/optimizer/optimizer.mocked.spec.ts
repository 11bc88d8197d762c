import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { adam, adamw } from '../adam/adam.js';
import { expectClose, treeOf } from '../layer/parity.fixture.js';
import { sgd } from '../sgd/sgd.js';
import type { Optimizer } from './optimizer.js';
import fixture from './optimizer.fixture.json' with { type: 'json' };

// A captured program packs more: let the optimizers believe in one.
const capture = vi.hoisted(() => ({ recording: false }));
vi.mock(import('@equimodal/engine'), async (original) => ({ ...(await original()), isRecording: () => capture.recording }));

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });
const makers: Readonly<Record<string, (options: object) => Optimizer>> = { sgd, adam, adamw };
const gradients = (step: number): Tree => treeOf(fixture.gradients[step]!);
const read = (leaf: tf.Tensor | undefined) => [...leaf!.dataSync()];

describe('optimizers', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture.cases))('take the steps of PyTorch: %s', (_name, c) => {
    const optimizer = makers[c.optimizer]!(c.options);
    let params: Tree = treeOf(fixture.start);
    let state = optimizer.init(params);
    const slots = Object.keys(state);
    for (const [step, expected] of c.params.entries()) {
      ({ params, state } = optimizer.update({ params, gradients: gradients(step), state, learningRate: tf.scalar(fixture.rates[step]!) }));
      expectClose(params['kernel']!, expected.kernel, 2e-6, `kernel, step ${step}`);
      expectClose(params['bias']!, expected.bias, 2e-6, `bias, step ${step}`);
    }
    expect(Object.keys(state)).toEqual(slots);
  });

  it.each(Object.entries(fixture.grouped))('take the steps of PyTorch with a learning rate for each group: %s', (_name, c) => {
    const optimizer = makers[c.optimizer]!(c.options);
    const scales: Readonly<Record<string, number>> = fixture.scales;
    let params: Tree = treeOf(fixture.start);
    let state = optimizer.init(params);
    for (const [step, expected] of c.params.entries()) {
      const learningRate = tf.scalar(fixture.rates[step]!);
      ({ params, state } = optimizer.update({ params, gradients: gradients(step), state, learningRate, rate: (path) => scales[path]! }));
      expectClose(params['kernel']!, expected.kernel, 2e-6, `kernel, step ${step}`);
      expectClose(params['bias']!, expected.bias, 2e-6, `bias, step ${step}`);
    }
  });

  const all: [string, Optimizer][] = [
    ['sgd', sgd({ momentum: 0.9, weightDecay: 0.1 })],
    ['sgd without momentum', sgd()],
    ['adam', adam({ weightDecay: 0.1 })],
    ['adamw', adamw()],
  ];

  it.each(all)('%s leaves frozen paths and their state as they are, and does not count their steps', (_name, optimizer) => {
    const start: Tree = treeOf(fixture.start);
    const first = optimizer.update({ params: start, gradients: gradients(0), state: optimizer.init(start), learningRate: tf.scalar(0.1) });
    const frozen = optimizer.update({ ...first, gradients: gradients(1), learningRate: tf.scalar(0.1), frozen: (path) => path === 'bias' });
    expect(frozen.params['bias']).toBe(first.params['bias']);
    for (const path of Object.keys(first.state)) if (path.endsWith('/bias')) expect(frozen.state[path]).toBe(first.state[path]);
    expect(read(frozen.params['kernel'])).not.toEqual(read(first.params['kernel']));
    // A missing gradient freezes as well.
    const { bias, ...rest } = gradients(1);
    const missing = optimizer.update({ ...first, gradients: rest, learningRate: tf.scalar(0.1) });
    expect(bias).toBeDefined();
    expect(missing.params['bias']).toBe(first.params['bias']);
    expect(read(missing.params['kernel'])).toEqual(read(frozen.params['kernel']));
    // Thawed, the bias goes on as if the frozen step had not been.
    const thawed = optimizer.update({ ...frozen, gradients: gradients(2), learningRate: tf.scalar(0.1) });
    const straight = optimizer.update({ ...first, gradients: gradients(2), learningRate: tf.scalar(0.1) });
    expect(read(thawed.params['bias'])).toEqual(read(straight.params['bias']));
  });

  it.each(all)('%s scales the rate of a path by a number or a tensor', (_name, optimizer) => {
    const params: Tree = treeOf(fixture.start);
    const step = (learningRate: number, rate?: (path: string) => number | tf.Tensor) =>
      optimizer.update({ params, gradients: gradients(0), state: optimizer.init(params), learningRate: tf.scalar(learningRate), rate })
        .params;
    const halved = step(0.1, (path) => (path === 'bias' ? 0.5 : 1));
    expect(read(halved['kernel'])).toEqual(read(step(0.1)['kernel']));
    expectClose(halved['bias']!, { shape: [3], data: read(step(0.05)['bias']) }, 1e-6);
    expectClose(step(0.1, () => tf.scalar(0.5))['bias']!, { shape: [3], data: read(step(0.05)['bias']) }, 1e-6);
  });

  it.each(all)('%s leaks nothing and changes nothing in place', (_name, optimizer) => {
    const params: Tree = treeOf(fixture.start);
    const state = optimizer.init(params);
    const tensors = [gradients(0), tf.scalar(0.1)] as const;
    const before = tf.memory().numTensors;
    const result = optimizer.update({ params, gradients: tensors[0], state, learningRate: tensors[1] });
    expect(tf.memory().numTensors - before).toBe(Object.keys(params).length + Object.keys(state).length);
    tf.dispose([...Object.values(result.params), ...Object.values(result.state)]);
    expect(tf.memory().numTensors).toBe(before);
    expectClose(params['bias']!, fixture.start.bias, 1e-7);
    tf.tidy(() => void optimizer.update({ params, gradients: tensors[0], state, learningRate: tensors[1] }));
    expect(tf.memory().numTensors).toBe(before);
  });

  /** Leaves of many ranks and sizes that fill no vector register evenly, two of them too large to be packed. */
  const many = (seed: number): Tree =>
    Object.fromEntries(
      [[3, 3, 2, 5], [5], [7, 11], [11], [], [1], [130, 127], [16_385], [33, 3]].map((shape, i) => [
        `p${i}`,
        tf.randomNormal(shape, 0, 1, 'float32', seed + i),
      ]),
    );

  const rules = [
    ...all,
    ['nesterov', sgd({ momentum: 0.9, nesterov: true })],
    ['adamw with decay', adamw({ weightDecay: 0.1 })],
  ] as typeof all;
  it.each(rules.flatMap(([name, optimizer]) => [false, true].map((recording) => [name, recording, optimizer] as const)))(
    '%s gives every leaf the bits it gets on its own (captured: %s)',
    (_name, recording, optimizer) => {
      const rate = (path: string) => (path === 'p1' || path === 'p3' ? 0.25 : 1);
      let packed = { params: many(1), state: optimizer.init(many(1)) };
      let alone = packed;
      for (const step of [0, 1, 2]) {
        // Two counts of steps differ from then on.
        const frozen = (path: string) => step === 1 && (path === 'p0' || path === 'p8');
        const input = { gradients: many(100 * (step + 1)), learningRate: tf.scalar(0.1), frozen };
        capture.recording = recording;
        packed = optimizer.update({ ...packed, ...input, rate });
        capture.recording = false;
        // A tensor of its own for each path: nothing shares a rate, so nothing is packed.
        alone = optimizer.update({ ...alone, ...input, rate: (path) => tf.scalar(rate(path)) });
        for (const tree of ['params', 'state'] as const) {
          expect(Object.keys(packed[tree])).toEqual(Object.keys(alone[tree]));
          for (const [path, leaf] of Object.entries(alone[tree])) {
            expect(packed[tree][path]!.shape, path).toEqual(leaf.shape);
            expect(read(packed[tree][path]), `${path}, step ${step}`).toEqual(read(leaf));
          }
        }
      }
    },
  );

  it.each([
    [true, 'all small leaves of one rate as one', 4],
    [false, 'only vectors as one', 8],
  ] as const)('takes, captured: %s, %s', (recording, _what, portions) => {
    const optimizer = sgd({ momentum: 0.9 });
    const [params, gradients] = [many(1), many(2)];
    const state = optimizer.init(params);
    const run = vi.spyOn(tf.engine(), 'runKernel');
    capture.recording = recording;
    optimizer.update({
      params,
      gradients,
      state,
      learningRate: tf.scalar(0.1),
      rate: (path) => (path === 'p1' || path === 'p3' ? 0.25 : 1),
    });
    capture.recording = false;
    expect(run.mock.calls.filter(([name]) => name === tf.Sub)).toHaveLength(portions);
    run.mockRestore();
  });

  it.each(all)('%s finds the minimum of a quadratic', (_name, optimizer) => {
    const target = [1, -2];
    let params: Tree = { x: tf.tensor1d([5, 5]) };
    let state = optimizer.init(params);
    for (let i = 0; i < 300; i++) {
      const toTarget: Tree = { x: tf.sub(params['x']!, tf.tensor1d(target)) };
      ({ params, state } = optimizer.update({ params, gradients: toTarget, state, learningRate: tf.scalar(i < 200 ? 0.1 : 0.01) }));
    }
    // Weight decay pulls the minimum of (x - t)^2 / 2 towards zero: t / 1.1 at 0.1.
    for (const [i, value] of read(params['x']).entries()) expect(Math.abs(value - target[i]!)).toBeLessThan(0.25);
  });

  it('refuses gradients of unknown paths, foreign state and options out of range', () => {
    const params: Tree = treeOf(fixture.start);
    const input = { params, state: {}, learningRate: tf.scalar(0.1) };
    expect(() => sgd().update({ ...input, gradients: { kernal: tf.scalar(0) } })).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'kernal' }),
    );
    expect(() => sgd({ momentum: 0.9 }).update({ ...input, gradients: gradients(0) })).toThrow(fault);
    expect(() => adam().update({ ...input, gradients: gradients(0) })).toThrow(fault);
    expect(() => adam({ beta1: 1 })).toThrow(fault);
    expect(() => adamw({ weightDecay: -1 })).toThrow(fault);
    expect(() => sgd({ momentum: -0.1 })).toThrow(fault);
    expect(() => sgd({ nesterov: true })).toThrow(fault);
  });
});
