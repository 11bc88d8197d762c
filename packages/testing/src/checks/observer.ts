import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream, SignalBus, type Engine, type RunControls } from '@equimodal/core';
import { expect, it } from '../runner/runner.js';
import type { Trial } from '../kit/conformance.js';

/** Emits what a short run would emit. */
function rehearse(bus: SignalBus): void {
  bus.emit('run.started', {
    experiment: 'toy',
    recipe: 'row',
    seed: 0,
    engine: 'cpu',
    epochs: 2,
    stepsPerEpoch: 2,
    trainSize: 4,
    modalities: ['audio'],
    parameters: { fusion: 3 },
    resumedAtStep: 0,
  });
  for (let epoch = 0; epoch < 2; epoch++) {
    bus.emit('epoch.started', { epoch, learningRate: 0.1, alpha: 0.5 });
    for (let step = 0; step < 2; step++) {
      bus.emit('step.completed', { epoch, step, total: 1, losses: { fused: 1 }, alpha: 0.5, learningRate: 0.1, batchSize: 2, reports: {} });
    }
    bus.emit('epoch.completed', {
      epoch,
      trainLoss: 1,
      losses: { fused: 1 },
      validation: { accuracy: 0.5, perModality: { audio: { accuracy: 0.5 } } },
      seconds: 1,
      samplesPerSecond: 4,
      improved: true,
    });
  }
  bus.emit('run.completed', { status: 'completed', reason: 'done', epochs: 2, seconds: 2, test: null });
}

export function checkObserver({ host, piece, options }: Trial): void {
  const make = (bus: SignalBus, runDir: string | undefined) =>
    host
      .openRun({ signals: bus, controls: {} as RunControls, random: new RandomStream(0), engine: {} as Engine })
      .create('observer', { use: piece.id, options }, { runDir, label: 'toy row seed 0' });

  it.each([['a run folder'], ['no run folder']])('watches a run with %s, without a warning', (where) => {
    const dir = where === 'a run folder' ? mkdtempSync(join(tmpdir(), 'equimodal-observer-')) : undefined;
    const bus = new SignalBus();
    const warnings: string[] = [];
    bus.on('warning').subscribe(({ message }) => warnings.push(message));
    const observer = make(bus, dir);
    observer.start(bus);
    rehearse(bus);
    observer.flush?.();
    const state = observer.state?.();
    expect(JSON.parse(JSON.stringify(state ?? null))).toEqual(state ?? null);
    observer.stop();
    bus.complete();
    expect(warnings).toEqual([]);
    if (dir !== undefined) rmSync(dir, { recursive: true });
  });
}
