import type { Engine, Signal } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { toyDataset } from '@equimodal/testing';
import { RunFolder } from '@equimodal/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODALITIES, trainToy, type Toy } from '../support.js';

const EPOCHS = 8;

/** Small batches, drawn anew from many rows: another draw would give another alpha. Small steps, so that alpha stays between 0 and 1. */
const DATA = { outerBatchSize: 8, innerBatchSize: 8, rate: 0.05, maxChange: 0.1 };
const ROWS: Readonly<Record<string, object>> = {
  'conjugate gradients, each epoch': { use: 'learned', ...DATA },
  'conjugate gradients, each 3 steps': { use: 'learned', everySteps: 3, ...DATA },
  'central differences, outer data from validation': { use: 'learned', outer: 'validation', differences: 'central', ...DATA },
  'Neumann series on training data, each 5 steps': { use: 'learned', solver: 'neumann', outer: 'train', everySteps: 5, ...DATA },
  'the identity, each second epoch, fused loss': { use: 'learned', solver: 'identity', everyEpochs: 2, outerLoss: 'fused', ...DATA },
  // Undamped, so that there is something to count: directions of negative curvature.
  'undamped conjugate gradients': { use: 'learned', damping: 0, ...DATA },
  'released-hvp': { use: 'released-hvp', rate: 0.05, samples: 8 },
};

let engine: Engine;
let base: string;
beforeAll(async () => {
  engine = await startTestEngine();
  base = mkdtempSync(join(tmpdir(), 'equimodal-alpha-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const toyOf = (alpha: object): Toy => ({
  dataset: toyDataset(MODALITIES, { size: 60, noise: 1 }),
  recipe: { alignment: 'info-nce', alpha },
  training: { epochs: EPOCHS, batchSize: 12, dropLast: true, measureGradients: 'never' },
});

/** Every update of alpha with all its figures, and every step. */
const story = (signals: readonly Signal[]) =>
  signals.flatMap((signal) =>
    signal.type === 'alpha.updated' || signal.type === 'step.completed' ? [{ ...signal, time: null, index: null }] : [],
  );

/** Trains with stops before the given steps, each time in a new run that takes up the checkpoint. */
async function inParts(
  alpha: object,
  { stops, stepsPerEpoch }: { readonly stops: readonly number[]; readonly stepsPerEpoch: number },
  folder: RunFolder,
) {
  const signals: Signal[] = [];
  for (const stop of [...stops, Infinity]) {
    const abort = new AbortController();
    const part = await trainToy(engine, {
      ...toyOf(alpha),
      request: {
        folder,
        resume: true,
        abort: abort.signal,
        attach: (bus) =>
          void bus.on('step.completed').subscribe(({ epoch, step }) => epoch * stepsPerEpoch + step + 1 === stop && abort.abort()),
      },
    });
    signals.push(...part.signals);
    if (stop === Infinity) return { signals, result: part.result };
  }
  throw new Error('there is always a last part');
}

describe('a learned alpha of a run that was stopped ends bit-equal to that of one that was not', () => {
  it.each(Object.entries(ROWS))('%s', async (name, alpha) => {
    const whole = await trainToy(engine, toyOf(alpha));
    const [n = 0] = whole.signals.flatMap((signal) => (signal.type === 'run.started' ? [signal.stepsPerEpoch] : []));
    expect(n).toBeGreaterThanOrEqual(3);
    const alphas = whole.signals.flatMap((signal) => (signal.type === 'alpha.updated' ? [signal.alpha] : []));
    expect(new Set(alphas).size).toBeGreaterThan(2);
    // Within an epoch, at the end of one, and one step before that.
    const stops = [n + 2, 4 * n, 6 * n - 1];
    const parts = await inParts(alpha, { stops, stepsPerEpoch: n }, new RunFolder(join(base, name.replaceAll(' ', '-'))));
    expect(story(parts.signals)).toEqual(story(whole.signals));
    expect(parts.result.metrics).toEqual(whole.result.metrics);
  });
});
