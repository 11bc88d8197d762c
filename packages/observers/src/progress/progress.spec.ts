import { SignalBus } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { signalSource } from '../files/signals.fixture.js';
import { ProgressObserver, progressObserver } from './progress.js';

const CLEAR = '\r\u001b[K';

const COLOURS = /\u001b\[\d+m/g;

function screen(options: { tty?: boolean; columns?: number; env?: Record<string, string>; every?: number } = {}) {
  const { tty = true, columns = 200, env = { NO_COLOR: '1' }, every = 1 } = options;
  const clock = { milliseconds: 1000 };
  const writes: string[] = [];
  const stream = { isTTY: tty, columns, write: (text: string) => writes.push(text) };
  const observer = new ProgressObserver('toy lfm seed 1', every, { stream, now: () => clock.milliseconds, env });
  const bus = new SignalBus();
  observer.start(bus);
  const source = signalSource(bus);
  return {
    observer,
    bus,
    source,
    writes,
    wait: (milliseconds: number) => (clock.milliseconds += milliseconds),
    text: () => writes.join(''),
  };
}

/** What a terminal shows after these writes: carriage return and clear-line done. */
function shown(text: string): string[] {
  return text.split('\n').map((line) => line.split(CLEAR).at(-1)!);
}

describe('on a terminal', () => {
  it('draws label, epoch, bar, step, losses, alpha, pace and time left', () => {
    const { source, writes, wait } = screen();
    source.runStarted();
    source.epochStarted(0);
    wait(500);
    source.step(0, 0);
    wait(500);
    source.step(0, 1);
    // 2 of 12 steps took one second: five seconds are left.
    expect(writes.at(-1)).toBe(
      `${CLEAR}toy lfm seed 1  epoch 1/3 ████████░░░░░░░░ 2/4  loss 1.250 (classification 1.500, alignment 1.000)  alpha 0.500  32 samples/s  left 5s`,
    );
  });

  it('draws at most ten times a second', () => {
    const { source, writes, wait } = screen();
    source.runStarted({ stepsPerEpoch: 1000 });
    source.epochStarted(0);
    const before = writes.length;
    for (let step = 0; step < 1000; step++) {
      wait(1);
      source.step(0, step);
    }
    expect(writes.length - before).toBe(10);
  });

  it('stays on one line in a narrow window', () => {
    const { source, writes, wait } = screen({ columns: 40 });
    source.runStarted();
    wait(200);
    source.step(0, 0);
    const line = writes.at(-1)!.slice(CLEAR.length);
    expect(line).toHaveLength(39);
    expect(line.endsWith('…')).toBe(true);
  });

  it('leaves whole lines only, however signals are mixed', () => {
    const { source, observer, text, wait } = screen();
    source.runStarted();
    for (let epoch = 0; epoch < 3; epoch++) {
      source.epochStarted(epoch);
      for (let step = 0; step < 4; step++) {
        wait(150);
        source.step(epoch, step);
        if (epoch === 1 && step === 1) source.warning('the encoder\nof audio is slow');
      }
      source.epochCompleted(epoch, { improved: epoch === 0 });
    }
    source.runCompleted();
    observer.stop();
    expect(shown(text())).toEqual([
      'toy lfm seed 1  3 epochs of 4 steps, 64 samples, engine cpu',
      'toy lfm seed 1  epoch 1/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  validation accuracy 62.5 % (best)  32 samples/s  2s an epoch  left 1s',
      'toy lfm seed 1  warning from test: the encoder of audio is slow',
      'toy lfm seed 1  epoch 2/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  validation accuracy 62.5 %  32 samples/s  2s an epoch  left 1s',
      'toy lfm seed 1  epoch 3/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  validation accuracy 62.5 %  32 samples/s  2s an epoch',
      'toy lfm seed 1  completed after 3 epochs in 6s: all epochs done, test accuracy 75.0 %',
      '',
    ]);
  });

  it('takes the live line away when it is stopped half-way', () => {
    const { source, observer, writes, wait } = screen();
    source.runStarted();
    wait(200);
    source.step(0, 0);
    observer.stop();
    expect(writes.at(-1)).toBe(CLEAR);
    observer.stop();
    expect(writes.filter((text) => text === CLEAR)).toHaveLength(1);
  });

  it('counts the pace from where it resumed', () => {
    const { source, writes, wait } = screen();
    source.runStarted({ resumedAtStep: 6 });
    wait(1000);
    source.step(1, 2); // the seventh of twelve steps, the first of this process
    expect(writes.at(-1)).toContain('16 samples/s  left 5s');
  });

  it('has colours, unless NO_COLOR is set', () => {
    for (const [env, coloured] of [
      [{}, true],
      [{ NO_COLOR: '' }, true],
      [{ NO_COLOR: '1' }, false],
    ] as [Record<string, string>, boolean][]) {
      const { source, text, wait } = screen({ env });
      source.runStarted();
      wait(200);
      source.step(0, 0);
      expect(COLOURS.test(text())).toBe(coloured);
      COLOURS.lastIndex = 0;
    }
  });

  it('measures the width without the colours', () => {
    const { source, writes, wait } = screen({ env: {}, columns: 40 });
    source.runStarted();
    wait(200);
    source.step(0, 0);
    expect(writes.at(-1)!.slice(CLEAR.length).replaceAll(COLOURS, '')).toHaveLength(39);
  });
});

describe('without a terminal', () => {
  function run(every: number, env: Record<string, string> = {}, tty = false): string {
    const { source, observer, text, wait } = screen({ tty, env, every });
    source.runStarted();
    for (let epoch = 0; epoch < 3; epoch++) {
      source.epochStarted(epoch);
      for (let step = 0; step < 4; step++) {
        wait(500);
        source.step(epoch, step);
      }
      source.epochCompleted(epoch, { validation: epoch === 1 ? null : { accuracy: 0.5, perModality: {} }, improved: false });
    }
    source.runCompleted({ status: 'failed', reason: 'a loss became NaN', test: null });
    observer.stop();
    return text();
  }

  it('writes one plain line an epoch', () => {
    expect(run(1).split('\n')).toEqual([
      'toy lfm seed 1  3 epochs of 4 steps, 64 samples, engine cpu',
      'toy lfm seed 1  epoch 1/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  validation accuracy 50.0 %  32 samples/s  2s an epoch  left 4s',
      'toy lfm seed 1  epoch 2/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  32 samples/s  2s an epoch  left 2s',
      'toy lfm seed 1  epoch 3/3  loss 1.200 (classification 1.400, alignment 1.000)  alpha 0.500  validation accuracy 50.0 %  32 samples/s  2s an epoch',
      'toy lfm seed 1  failed after 3 epochs in 6s: a loss became NaN',
      '',
    ]);
  });

  it('writes each second epoch, and the last', () => {
    expect(run(2).match(/epoch \d\/3/g)).toEqual(['epoch 2/3', 'epoch 3/3']);
  });

  it.each([
    ['a pipe', {}, false],
    ['a dumb terminal', { TERM: 'dumb' }, true],
  ])('has no control characters (%s)', (_, env, tty) => {
    expect(run(1, env as Record<string, string>, tty)).not.toMatch(/[\r\u001b]/);
  });
});

describe('the piece', () => {
  it.each([0, 1.5, -1])('refuses every: %d', (every) => {
    expect(progressObserver.options.safeParse({ every }).success).toBe(false);
  });
});
