import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EquimodalError } from '@equimodal/core';
import { SignalBus, type Json, type Observer, type Resolver } from '@equimodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalSource } from '../files/signals.fixture.js';
import { jsonlObserver } from './jsonl.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'jsonl-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const create = (runDir: string | undefined = dir, options: object = {}): Observer =>
  jsonlObserver.create(jsonlObserver.options.parse(options), { runDir, label: 'run' }, {} as Resolver);
const text = (): string => readFileSync(join(dir, 'signals.jsonl'), 'utf8');
const records = () =>
  text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; index: number; epoch?: number; step?: number });

function epoch(source: ReturnType<typeof signalSource>, number: number): void {
  source.epochStarted(number);
  for (let step = 0; step < 4; step++) source.step(number, step);
  source.epochCompleted(number);
}

describe('jsonl', () => {
  it('writes every signal, in order, as it was emitted', () => {
    const bus = new SignalBus();
    const seen: unknown[] = [];
    bus.all$.subscribe((signal) => seen.push(signal));
    const observer = create();
    observer.start(bus);
    const source = signalSource(bus);
    source.runStarted();
    epoch(source, 0);
    source.warning('a line\nbreak and "quotes"');
    source.runCompleted();
    observer.stop();
    expect(records()).toEqual(JSON.parse(JSON.stringify(seen)));
    expect(records().map(({ index }) => index)).toEqual(seen.map((_, i) => i));
  });

  it('continues a killed run without a gap or a repeat', () => {
    const straight = uninterrupted();
    const bus = new SignalBus();
    const observer = create();
    observer.start(bus);
    const source = signalSource(bus);
    source.runStarted();
    epoch(source, 0);
    source.checkpoint(0);
    observer.flush!();
    const state = JSON.parse(JSON.stringify(observer.state!())) as Json;
    const { nextIndex } = bus;
    source.epochStarted(1);
    source.step(1, 0);
    observer.flush!(); // on disk, but after the checkpoint: the process is killed here

    const resumed = create();
    resumed.restore!(state);
    const again = new SignalBus(nextIndex);
    resumed.start(again);
    const rest = signalSource(again);
    rest.runStarted({ resumedAtStep: 4 });
    epoch(rest, 1);
    rest.runCompleted();
    resumed.stop();

    const kept = records().filter(({ type }) => type !== 'run.started' && type !== 'checkpoint.saved');
    expect(kept.map(({ type, epoch, step }) => [type, epoch, step])).toEqual(straight);
    expect(records().map(({ index }) => index)).toEqual(records().map((_, i) => i));
  });

  function uninterrupted(): unknown[] {
    const bus = new SignalBus();
    const seen: unknown[] = [];
    bus.all$.subscribe((signal) => {
      if (signal.type !== 'run.started')
        seen.push([signal.type, 'epoch' in signal ? signal.epoch : undefined, 'step' in signal ? signal.step : undefined]);
    });
    const source = signalSource(bus);
    source.runStarted();
    epoch(source, 0);
    epoch(source, 1);
    source.runCompleted();
    return seen;
  }

  it('describes in its state what is on disk, not what waits', () => {
    const bus = new SignalBus();
    const observer = create();
    observer.start(bus);
    signalSource(bus).runStarted();
    expect(observer.state!()).toEqual({ bytes: 0 });
    observer.flush!();
    expect(observer.state!()).toEqual({ bytes: text().length });
    observer.stop();
  });

  it('starts anew for a new run and keeps the file of a resumed one', () => {
    for (const [resumedAtStep, lines] of [
      [0, 1],
      [8, 2],
      [0, 1],
    ] as const) {
      const bus = new SignalBus();
      const observer = create();
      observer.start(bus);
      signalSource(bus).runStarted({ resumedAtStep });
      observer.stop();
      expect(records()).toHaveLength(lines);
    }
  });

  it('does nothing without a run folder', () => {
    const observer = jsonlObserver.create({ bufferLength: 1 }, { runDir: undefined, label: 'run' }, {} as Resolver);
    const bus = new SignalBus();
    observer.start(bus);
    signalSource(bus).runStarted();
    observer.flush!();
    observer.stop();
    expect(observer.state!()).toEqual({ bytes: 0 });
    observer.restore!({ bytes: 10 });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('writes nothing once it was stopped', () => {
    const bus = new SignalBus();
    const observer = create();
    observer.start(bus);
    observer.stop();
    signalSource(bus).runStarted();
    expect(existsSync(join(dir, 'signals.jsonl'))).toBe(false);
  });

  it('refuses the state of something else', () => {
    try {
      create().restore!({ rows: 3 });
      expect.unreachable();
    } catch (error) {
      expect((error as EquimodalError).code).toBe('EQM_CHECKPOINT_MISMATCH');
    }
  });
});
