import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine, Method, SignalOf } from '@equimodal/core';
import { selectEngine, startTestEngine } from '@equimodal/engine';
import { replayCheck, toyDataset } from '@equimodal/testing';
import { readCheckpoint, RunFolder } from '@equimodal/training';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostWith, MODALITIES, trainToy, type Toy } from './support.js';

let engine: Engine;
let tensors: number;
const base = mkdtempSync(join(tmpdir(), 'equimodal-replay-'));
const graphFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`equimodal-graph-${process.pid}-`));
const graphs = (): number =>
  (tf.backend() as unknown as { readonly binding: { getNumOfSavedModels(): number } }).binding.getNumOfSavedModels();

beforeAll(async () => {
  engine = await startTestEngine();
});
beforeEach((context) => {
  if (!engine.capture) context.skip(`the engine "${engine.id}" runs programs eagerly; there is no replay to look at`);
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  if (!engine.capture) return;
  expect(tf.memory().numTensors).toBe(tensors);
  expect(graphs()).toBe(0);
  expect(graphFolders()).toEqual([]);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Three epochs of twelve steps with all that changes between steps: batch, key, alpha, learning rate, controls of a method. */
const ROW: Toy = {
  dataset: toyDataset(MODALITIES, { size: 192 }),
  encoders: { default: { use: 'mlp', hidden: [12], features: 6, batchNorm: true, dropout: 0.2 } },
  recipe: { alignment: 'info-nce', alpha: 'heuristic', methods: [{ use: 'ogm-ge', start: 1 }] },
  training: { epochs: 3, batchSize: 16, schedule: { use: 'step', every: 1, factor: 0.5 } },
};

interface Trained {
  readonly steps: readonly SignalOf<'step.completed'>[];
  readonly warnings: readonly SignalOf<'warning'>[];
  readonly metrics: unknown;
  /** Graphs in TensorFlow after the last step. */
  readonly graphs: number;
}

async function run(on: Engine, toy: Toy = ROW): Promise<Trained> {
  let loaded = 0;
  const { result, signals } = await trainToy(on, {
    ...toy,
    request: {
      ...toy.request,
      attach(bus, controls) {
        bus.on('step.completed').subscribe(() => (loaded = graphs()));
        toy.request?.attach?.(bus, controls);
      },
    },
  });
  const steps = signals.flatMap((signal) => (signal.type === 'step.completed' ? [signal] : []));
  const warnings = signals.flatMap((signal) => (signal.type === 'warning' ? [signal] : []));
  return { steps, warnings, metrics: result.metrics, graphs: loaded };
}

describe('a run that replays its steps', () => {
  it('takes the steps of a run that is eager throughout', async () => {
    const { engine: eager } = await selectEngine({ requested: engine.id, capture: false });
    expect(eager.capture).toBe(false);
    const [replayed, plain] = [await run(engine), await run(eager)];
    expect([replayed.graphs > 0, plain.graphs]).toEqual([true, 0]);
    expect(replayed.warnings).toEqual([]);
    expect(replayed.steps).toHaveLength(36);
    for (const [i, { epoch, step, losses, total }] of plain.steps.entries()) {
      for (const [name, expected] of Object.entries({ ...losses, total })) {
        const got = name === 'total' ? replayed.steps[i]!.total : replayed.steps[i]!.losses[name]!;
        const distance = Math.abs(got - expected) / Math.max(Math.abs(expected), 1e-6);
        expect(distance, `${name} in step ${step} of epoch ${epoch}`).toBeLessThan(1e-4);
      }
    }
  });

  it('ends with the same bits when it is interrupted and resumed', async () => {
    const whole = new RunFolder(join(base, 'whole'));
    const uninterrupted = await run(engine, { ...ROW, request: { folder: whole } });
    const folder = new RunFolder(join(base, 'broken'));
    const abort = new AbortController();
    const first = await run(engine, {
      ...ROW,
      request: {
        folder,
        abort: abort.signal,
        attach: (bus) => void bus.on('step.completed').subscribe(({ epoch, step }) => epoch === 1 && step === 4 && abort.abort()),
      },
    });
    const second = await run(engine, { ...ROW, request: { folder, resume: true } });
    expect([first.steps.length, second.steps.length]).toEqual([17, 19]);
    expect([first, second].map((part) => part.graphs > 0)).toEqual([true, true]);
    expect([...first.steps, ...second.steps].map(({ total }) => total)).toEqual(uninterrupted.steps.map(({ total }) => total));
    expect(second.metrics).toEqual(uninterrupted.metrics);
    expect(tensorsOf(folder.latest)).toEqual(tensorsOf(whole.latest));
  });

  it('goes on eagerly, and says which program and why, when a hook counts in JavaScript', async () => {
    let calls = 0;
    const counting: Method = { losses: ({ terms }) => terms.map((term) => ({ ...term, weight: 1 + 0.1 * calls++ })) };
    const { steps, warnings } = await run(engine, {
      ...ROW,
      host: hostWith({ counting: () => counting }),
      recipe: { methods: ['counting'] },
    });
    expect(steps).toHaveLength(36);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ source: 'engine' });
    expect(warnings[0]!.message).toMatch(/^program step is not replayed .*runs eagerly.*disagrees with eager execution in /);
  });

  it('compares every program of the run with eager execution, call by call, and finds no difference', async () => {
    const check = replayCheck(engine);
    const { warnings } = await run(check.engine);
    expect(warnings).toEqual([]);
    check.verify();
  });

  describe.each(['conjugate-gradient', 'identity'])('with alpha learned at every step (%s)', (solver) => {
    const learned: Toy = {
      ...ROW,
      recipe: {
        alignment: 'info-nce',
        alpha: { use: 'learned', solver, everySteps: 1, outerFraction: 0.2, outerBatchSize: 16, innerBatchSize: 16 },
      },
    };

    it('replays the gradients of the bilevel problem, without a warning', async () => {
      const { warnings, graphs: loaded } = await run(engine, learned);
      expect(warnings).toEqual([]);
      // The step and at least the inner and the outer gradients.
      expect(loaded).toBeGreaterThanOrEqual(3);
    });

    it('gets the gradients of eager execution', async () => {
      const check = replayCheck(engine);
      await run(check.engine, learned);
      check.verify();
    });
  });
});

function tensorsOf(file: string): Record<string, number[]> {
  const out: Record<string, number[]> = {};
  for (const [name, tree] of Object.entries(readCheckpoint(file).trees)) {
    for (const [path, leaf] of Object.entries(tree)) {
      out[`${name}/${path}`] = [...leaf.dataSync()];
      leaf.dispose();
    }
  }
  return out;
}
