import { RandomStream, type Engine, type Signal } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { RunFolder } from '@equimodal/training';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostWith, trainToy } from '../support.js';
import { METHODS, rowOf } from './rows.js';

let engine: Engine;
let base: string;
beforeAll(async () => {
  engine = await startTestEngine();
  base = mkdtempSync(join(tmpdir(), 'equimodal-kill-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const TRAINING = { epochs: 8, batchSize: 16, optimizer: { use: 'sgd', learningRate: 0.05, momentum: 0.9 }, measureGradients: 'never' };
const STEPS = 8 * 3;
const draw = new RandomStream(11, 'kill');
const rows = METHODS.map((id) => ({ id, at: 1 + Math.floor(draw.at(id).uniform() * (STEPS - 2)) }));

/** Everything a run said, but for times. */
const story = (signals: readonly Signal[]) =>
  signals.flatMap((signal) =>
    signal.type === 'step.completed' || signal.type === 'epoch.completed'
      ? [{ ...signal, time: null, index: null, seconds: null, samplesPerSecond: null }]
      : [],
  );

describe('a run that was killed', () => {
  it.each(rows)('with $id, before step $at, ends bit-equal to one that was not', async ({ id, at }) => {
    const toy = () => {
      const host = hostWith();
      return { host, ...rowOf(host, [id]), training: TRAINING };
    };
    const whole = await trainToy(engine, toy());
    const folder = new RunFolder(join(base, id));
    const abort = new AbortController();
    let steps = 0;
    const start = await trainToy(engine, {
      ...toy(),
      request: {
        folder,
        abort: abort.signal,
        attach: (bus) => void bus.on('step.completed').subscribe(() => (steps += 1) === at && abort.abort()),
      },
    });
    const rest = await trainToy(engine, { ...toy(), request: { folder, resume: true } });
    expect([...story(start.signals), ...story(rest.signals)]).toEqual(story(whole.signals));
    expect(rest.result.metrics).toEqual(whole.result.metrics);
  });
});
