import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, matrix, numbers, PHI_AUDIO } from '../fixture/context.fixture.js';
import { batchEntropyWeighted, entropyWeighted, rowEntropy } from './entropy.js';
import { mla, type MlaOptions } from './mla.js';
import { projected, updateProjector } from './projection.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 1 };
const PAPER: MlaOptions = { projection: 'rls', renormalise: false, combine: 'entropy', weights: null };
const R = [1, 2, 2];
// Kernels are [size, classes] here: the transpose of the two rows [1, 0, 0] and [0, 1, -1].
const GRADIENT = [
  [1, 0],
  [0, 1],
  [0, -1],
];
const AUDIO = [
  [2, 0, -1],
  [0.5, 0.4, 0.3],
];
const VISUAL = [
  [0.2, 0.1, 0],
  [3, -1, 0],
];
const TEXT = [
  [1, 1, 1],
  [0, 2, 0],
];

describe('updateProjector', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const update = (form: 'rls' | 'literal', renormalise = false) =>
    updateProjector(tf.eye(3), tf.tensor1d(R), tf.scalar(0.1), form, renormalise);

  it('takes recursive least-squares steps', () => {
    const first = update('rls');
    expectNumbers(first, [0.89011, -0.21978, -0.21978, -0.21978, 0.56044, -0.43956, -0.21978, -0.43956, 0.56044]);
    expectNumbers(
      tf.matMul(first, tf.tensor2d(R, [3, 1])),
      R.map((r) => (r * 0.1) / 9.1),
    );
    expectNumbers(
      updateProjector(first, tf.tensor1d([0, 1, 0]), tf.scalar(0.1 ** 1.1), 'rls', false),
      [0.814621, -0.027283, -0.370758, -0.027283, 0.069572, -0.054566, -0.370758, -0.054566, 0.258483],
    );
  });

  it('fades gradients along what was seen, and leaves those across it', () => {
    expectNumbers(projected(update('rls'), matrix(GRADIENT)), [0.89011, 0, -0.21978, 1, -0.21978, -1]);
  });

  it('renormalises', () => {
    expectNumbers(update('rls', true), [0.629384, -0.155403, -0.155403, -0.155403, 0.396279, -0.310807, -0.155403, -0.310807, 0.396279]);
  });

  it('has the released rule, which is no projector', () => {
    const literal = update('literal', true);
    expectNumbers(literal, [0.038619, -0.404584, -0.404584, -0.404584, 0.010361, -0.414452, -0.404584, -0.414452, 0.010361]);
    expectNumbers(projected(literal, matrix(GRADIENT)), [0.038619, 0, -0.404584, 0.424813, -0.404584, -0.424813]);
    expect(numbers(tf.norm(update('literal')))[0]).toBeCloseTo(2.353976, 5);
  });
});

describe('entropy fusion', () => {
  it('is per sample', () => {
    expectNumbers(rowEntropy(matrix(AUDIO)), [0.524267, 1.095287]);
    expectNumbers(entropyWeighted([matrix(AUDIO), matrix(VISUAL)]), [1.350198, 0.0361, -0.638999, 2.236108, -0.57222, 0.091667]);
    const alone = [entropyWeighted([matrix([AUDIO[1]!]), matrix([VISUAL[1]!])]), [2.236108, -0.57222, 0.091667]] as const;
    expectNumbers(...alone);
    const weights = [
      [0.46992, 0.265481, 0.264599],
      [0.20792, 0.472543, 0.319536],
    ];
    expectNumbers(
      entropyWeighted([matrix(AUDIO), matrix(VISUAL), matrix(TEXT)]),
      weights.flatMap(([a, v, t], i) => [0, 1, 2].map((c) => a! * AUDIO[i]![c]! + v! * VISUAL[i]![c]! + t! * TEXT[i]![c]!)),
    );
  });

  it('is finite where a probability is 0', () => {
    expectNumbers(rowEntropy(matrix([[1000, 0, 0]])), [0]);
  });

  it('has the released form, one weight for the batch', () => {
    expectNumbers(batchEntropyWeighted([matrix(AUDIO), matrix(VISUAL)]), [1.013295, 0.054817, -0.45183, 1.870424, -0.367437, 0.135549]);
  });
});

describe('mla', () => {
  const kernel = () => tf.tensor2d([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2, 3]);
  const memory = (count: number) => ({ projector: tf.eye(2) as tf.Tensor, count: tf.scalar(count) as tf.Tensor });
  const step = (count: number, stage = 'audio') =>
    contextOf({ memory: memory(count), stage, controls: { alpha: 0.1 }, gradients: { 'fusion/head/kernel': kernel() } });

  it('trains one encoder and the head a stage, by the loss of its read-out', () => {
    const method = mla(PAPER, RUN);
    const [audio] = method.plan!('');
    expect(method.plan!('').map(({ name }) => name)).toEqual(['audio', 'visual']);
    expect(['encoders/audio/k', 'encoders/visual/k', 'fusion/head/kernel'].map((path) => audio!.parameters!(path))).toEqual([
      true,
      false,
      true,
    ]);
    expect(['unimodal/audio', 'unimodal/visual', 'alignment'].map((name) => audio!.terms!(name))).toEqual([true, false, true]);
    const { context } = step(0);
    expect(method.losses!(context)!.map(({ name }) => name)).toEqual(['unimodal/audio', 'unimodal/visual']);
  });

  it('projects from the second step on, with the mean feature of the modality that is trained', () => {
    const method = mla(PAPER, RUN);
    const first = step(0);
    method.losses!(first.context);
    expectNumbers(method.gradients!(first.context)!['fusion/head/kernel']!, numbers(kernel()));
    expectNumbers(first.memory['count']!, [1]);
    const second = step(1);
    method.losses!(second.context);
    const mean = [0, 1].map((i) => PHI_AUDIO.reduce((sum, row) => sum + row[i]! / 4, 0));
    const expected = updateProjector(tf.eye(2), tf.tensor1d(mean), tf.scalar(0.1), 'rls', false);
    expectNumbers(second.memory['projector']!, numbers(expected));
    expectNumbers(method.gradients!(second.context)!['fusion/head/kernel']!, numbers(tf.matMul(expected, kernel())));
  });

  it('lets alpha fall from 0.1 to 0.01 within an epoch', () => {
    const method = mla(PAPER, RUN);
    const after = (at: number) =>
      method.stepEnd!({ epoch: 0, step: at, stepsPerEpoch: 10, total: 0, losses: {}, reports: {} })!.controls!['alpha'];
    expect(method.controls!['alpha']).toBeCloseTo(0.1);
    expect(after(0)).toBeCloseTo(0.07943282);
    expect(after(8)).toBeCloseTo(0.1 ** 1.9);
  });

  it('refuses weights of another number than modalities, and a head with a hidden layer', () => {
    const code = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }) as unknown;
    expect(() => mla({ ...PAPER, combine: 'weights', weights: [1] }, RUN)).toThrow(code as Error);
    expect(() => mla(PAPER, RUN).memory!({})).toThrow(code as Error);
  });

  it('predicts by entropy or by weights', () => {
    const { context } = contextOf({ unimodal: { audio: AUDIO, visual: VISUAL } });
    expectNumbers(mla(PAPER, RUN).predict!(context) as tf.Tensor, [1.350198, 0.0361, -0.638999, 2.236108, -0.57222, 0.091667]);
    const fixed = mla({ ...PAPER, combine: 'weights', weights: [0.55, 0.45] }, RUN).predict!(context) as tf.Tensor;
    expect(numbers(fixed)[0]).toBeCloseTo(0.55 * 2 + 0.45 * 0.2, 5);
  });
});
