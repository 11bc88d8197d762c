import * as tf from '@tensorflow/tfjs-core';
import { countFor, type Bundle, type CompiledProgram, type Engine, type Program } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { mapTree } from '@equimodal/nn';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hostWith, trainToy } from '../support.js';
import { factsOf, METHODS, rowOf } from './rows.js';

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterEach(() => void vi.restoreAllMocks());

const EPOCHS = 6;
const ROWS = 48;

/** Backward passes of every step, and the share of the training data that auxiliary passes read. */
interface Counts {
  readonly backward: number[];
  auxiliary: number;
}

/** An engine that runs every program as it is, and counts. */
function counting(counts: Counts): Engine {
  const gradients = vi.spyOn(tf.engine(), 'gradients');
  const compile = (program: Program): CompiledProgram =>
    Object.assign(
      (inputs: Parameters<CompiledProgram>[0]) => {
        const before = gradients.mock.calls.length;
        // Outputs are the caller's own, also those that are inputs passed on.
        const own = (): Bundle =>
          Object.fromEntries(Object.entries(program.run(inputs)).map(([name, tree]) => [name, mapTree(tree, (leaf) => tf.clone(leaf))]));
        const outputs = tf.tidy(() => own() as unknown as tf.TensorContainerObject) as unknown as ReturnType<CompiledProgram>;
        if (program.name === 'step') counts.backward.push(gradients.mock.calls.length - before);
        if (program.name === 'auxiliary-pass') counts.auxiliary += inputs['batch']!['labels']!.size / ROWS;
        return outputs;
      },
      { dispose: () => undefined },
    );
  return Object.create(engine, { compile: { value: compile }, capture: { value: false } }) as Engine;
}

describe('declared cost', () => {
  it.each(METHODS)('%s: backward passes a step and passes over the data are as counted', async (id) => {
    const host = hostWith();
    const row = rowOf(host, [id]);
    const facts = factsOf(host, id);
    const counts: Counts = { backward: [], auxiliary: 0 };
    const { result } = await trainToy(counting(counts), {
      host,
      ...row,
      training: { epochs: EPOCHS, batchSize: 16, selection: 'last', measureGradients: 'never' },
    });
    const modalities = id === 'unimodal' ? 1 : 2;
    const mean = counts.backward.reduce((a, b) => a + b, 0) / counts.backward.length;
    expect(mean).toBeCloseTo(countFor(facts.backwardPassesPerStep ?? 1, modalities), 5);
    const { auxiliaryPassesPerEpoch: declared = 0 } = facts;
    if (declared === 'varies') expect(counts.auxiliary).toBeGreaterThan(0);
    // A share of the rows is a whole number of rows.
    else expect(Math.abs(counts.auxiliary / EPOCHS - countFor(declared, modalities))).toBeLessThan(1 / ROWS);
    // Passes over validation are in the count here, and in no run's own.
    const { dataPassesPerEpoch } = result.metrics!;
    if (declared === 'varies') expect(dataPassesPerEpoch).toBeGreaterThan(1);
    else expect(dataPassesPerEpoch).toBeCloseTo(1 + counts.auxiliary / EPOCHS, 6);
  });
});
