import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EquimodalError } from '@equimodal/core';
import { SignalBus, type Json, type Observer, type Resolver } from '@equimodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signalSource, validation } from '../files/signals.fixture.js';
import { formatCell, parseLine } from './csv-table.js';
import { csvObserver } from './csv.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'csv-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const create = (runDir: string | undefined = dir): Observer => csvObserver.create({}, { runDir, label: 'run' }, {} as Resolver);
const lines = (name: string): string[] => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n');

function epoch(source: ReturnType<typeof signalSource>, number: number): void {
  source.epochStarted(number, { alpha: 1 - number / 10 });
  for (let step = 0; step < 2; step++) source.step(number, step, { reports: { 'ogm/ratio': 2 } });
  source.epochCompleted(number);
}
function started(observer = create(), firstIndex = 0) {
  const bus = new SignalBus(firstIndex);
  observer.start(bus);
  return { bus, observer, source: signalSource(bus) };
}

describe('csv', () => {
  it('writes one row an epoch and one a step', () => {
    const { observer, source } = started();
    source.runStarted();
    epoch(source, 0);
    epoch(source, 1);
    observer.stop();
    expect(lines('epochs.csv')).toEqual([
      'epoch,alpha,learningRate,trainLoss,losses.classification,losses.alignment,validation.loss,validation.accuracy,validation.modalityGap,validation.audio.accuracy,validation.image.accuracy,improved,seconds,samplesPerSecond',
      '0,1,0.01,1.2,1.4,1,0.9,0.625,,0.5,0.25,1,2,32',
      '1,0.9,0.01,1.2,1.4,1,0.9,0.625,,0.5,0.25,1,2,32',
    ]);
    expect(lines('steps.csv')).toEqual([
      'epoch,step,total,losses.classification,losses.alignment,alpha,learningRate,batchSize,reports.ogm/ratio',
      '0,0,1.25,1.5,1,0.5,0.01,16,2',
      '0,1,1.25,1.5,1,0.5,0.01,16,2',
      '1,0,1.25,1.5,1,0.5,0.01,16,2',
      '1,1,1.25,1.5,1,0.5,0.01,16,2',
    ]);
  });

  it('leaves late columns out, keeps the row, and says so once', () => {
    const { bus, observer, source } = started();
    const warnings: string[] = [];
    bus.on('warning').subscribe(({ message }) => warnings.push(message));
    source.runStarted();
    source.step(0, 0);
    source.step(0, 1, { reports: { late: 1 } });
    source.step(0, 2, { reports: { late: 2 } });
    observer.stop();
    expect(lines('steps.csv')).toHaveLength(4);
    expect(new Set(lines('steps.csv').map((line) => line.split(',').length))).toEqual(new Set([8]));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"reports.late"');
  });

  it('leaves a cell empty where a figure is missing', () => {
    const { observer, source } = started();
    source.runStarted();
    source.step(0, 0, { losses: { classification: 1, alignment: 2 } });
    source.step(0, 1, { losses: { classification: 3 } });
    observer.stop();
    expect(lines('steps.csv')[2]).toBe('0,1,1.25,3,,0.5,0.01,16');
  });

  it('continues a killed run without a gap or a repeat', () => {
    const first = started();
    first.source.runStarted();
    epoch(first.source, 0);
    first.observer.flush!();
    const state = JSON.parse(JSON.stringify(first.observer.state!())) as Json;
    first.source.epochStarted(1);
    first.source.step(1, 0, { total: 99 });
    first.observer.flush!(); // on disk, but after the checkpoint: the process is killed here

    const observer = create();
    observer.restore!(state);
    const { source } = started(observer);
    source.runStarted({ resumedAtStep: 2 });
    epoch(source, 1);
    observer.stop();
    expect(lines('steps.csv').map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'epoch,step,total',
      '0,0,1.25',
      '0,1,1.25',
      '1,0,1.25',
      '1,1,1.25',
    ]);
    expect(lines('epochs.csv').map((line) => line.split(',')[0])).toEqual(['epoch', '0', '1']);
  });

  it('keeps the columns of the table it continues', () => {
    const first = started();
    first.source.runStarted();
    epoch(first.source, 0);
    first.observer.stop();
    // The checkpoint knew nothing of this observer: the header of the file counts.
    const second = started();
    second.source.runStarted({ resumedAtStep: 2 });
    second.source.step(1, 0, { losses: { other: 7 }, reports: { 'ogm/ratio': 5 } });
    second.observer.stop();
    expect(lines('steps.csv').at(-1)).toBe('1,0,1.25,,,0.5,0.01,16,5');
  });

  it('takes alpha and rate from the first step of an epoch that was resumed half-way', () => {
    const { observer, source } = started();
    source.runStarted({ resumedAtStep: 1 });
    source.step(0, 1, { alpha: 0.4, learningRate: 0.02 });
    source.epochCompleted(0, { validation: null });
    observer.stop();
    expect(lines('epochs.csv')).toEqual([
      'epoch,alpha,learningRate,trainLoss,losses.classification,losses.alignment,improved,seconds,samplesPerSecond',
      '0,0.4,0.02,1.2,1.4,1,1,2,32',
    ]);
  });

  it('writes any metric that is a number', () => {
    const { observer, source } = started();
    source.runStarted();
    source.epochCompleted(0, { validation: { ...validation(0.5), brier: 0.1, note: 'text' } });
    observer.stop();
    expect(lines('epochs.csv')[0]).toContain('validation.brier');
    expect(lines('epochs.csv')[0]).not.toContain('note');
  });

  it('does nothing without a run folder', () => {
    const observer = csvObserver.create({}, { runDir: undefined, label: 'run' }, {} as Resolver);
    const { source } = started(observer);
    source.runStarted();
    epoch(source, 0);
    observer.flush!();
    observer.stop();
    expect(observer.state!()).toBeNull();
    expect(readdirSync(dir)).toEqual([]);
    expect(existsSync('epochs.csv')).toBe(false);
  });

  it('refuses the state of something else', () => {
    try {
      create().restore!({ bytes: 3 });
      expect.unreachable();
    } catch (error) {
      expect((error as EquimodalError).code).toBe('EQM_CHECKPOINT_MISMATCH');
    }
  });
});

describe('cells', () => {
  it.each([
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [true, '1'],
    [null, ''],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
  ])('%o is written as %s', (cell, expected) => {
    expect(formatCell(cell)).toBe(expected);
  });

  it.each([[['a', 'b']], [['a,b', 'c "d"', '']], [['x']], [['', 'y']]])('%o survives being written and read', (cells) => {
    expect(parseLine(cells.map(formatCell).join(','))).toEqual(cells);
  });
});
