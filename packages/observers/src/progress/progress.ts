import { definePiece, type Observer, type Signal, type SignalOf, type Signals } from '@equimodal/core';
import type { Subscription } from 'rxjs';
import { z } from 'zod';
import { formatBar, formatFigure, formatLosses, formatRate, formatSeconds, type Segment } from './format.js';
import { Terminal, type ProgressSurroundings } from './terminal.js';

export type { ProgressStream, ProgressSurroundings } from './terminal.js';

/** Milliseconds between two drawings of the live line. */
const PAUSE = 100;
const BAR = 16;

/** The run as far as the display must know it. */
interface RunView {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly resumedAtStep: number;
  readonly startedAt: number;
}

/** Progress of a run on a terminal: a live line, and a lasting line every few epochs. */
export class ProgressObserver implements Observer {
  readonly #terminal: Terminal;
  #subscription: Subscription | undefined;
  #run: RunView | undefined;
  #alpha = 0;
  #drawnAt = -Infinity;
  /** Time and samples of the steps of the epoch under way. */
  #epochAt = 0;
  #samples = 0;

  constructor(
    private readonly label: string,
    private readonly every: number,
    private readonly surroundings: ProgressSurroundings,
  ) {
    this.#terminal = new Terminal(surroundings);
  }

  start(signals: Signals): void {
    this.#subscription = signals.all$.subscribe((signal) => this.#take(signal));
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#terminal.clear();
  }

  #take(signal: Signal): void {
    switch (signal.type) {
      case 'run.started':
        return this.#runStarted(signal);
      case 'epoch.started':
        this.#alpha = signal.alpha;
        return this.#beginEpoch();
      case 'step.completed':
        return this.#step(signal);
      case 'epoch.completed':
        return this.#epochCompleted(signal);
      case 'warning':
        return this.#print({ text: `warning from ${signal.source}: ${signal.message}`, style: 'yellow' });
      case 'run.completed':
        return this.#runCompleted(signal);
      default:
        return;
    }
  }

  #print(...segments: Segment[]): void {
    this.#terminal.print([{ text: this.label, style: 'bold' }, { text: '  ' }, ...segments]);
  }

  #beginEpoch(): void {
    this.#epochAt = this.surroundings.now();
    this.#samples = 0;
  }

  #runStarted({ epochs, stepsPerEpoch, resumedAtStep, trainSize, engine }: SignalOf<'run.started'>): void {
    this.#run = { epochs, stepsPerEpoch, resumedAtStep, startedAt: this.surroundings.now() };
    this.#beginEpoch();
    const where = resumedAtStep === 0 ? '' : `, resumed at step ${resumedAtStep}`;
    this.#print({ text: `${epochs} epochs of ${stepsPerEpoch} steps, ${trainSize} samples, engine ${engine}${where}`, style: 'dim' });
  }

  #step({ epoch, step, total, losses, alpha, batchSize }: SignalOf<'step.completed'>): void {
    this.#alpha = alpha;
    this.#samples += batchSize;
    const now = this.surroundings.now();
    const run = this.#run;
    if (run === undefined || !this.#terminal.live || now - this.#drawnAt < PAUSE) return;
    this.#drawnAt = now;
    const done = step + 1;
    this.#terminal.draw([
      { text: this.label, style: 'bold' },
      { text: `  epoch ${epoch + 1}/${run.epochs} ` },
      { text: formatBar(done / run.stepsPerEpoch, BAR), style: 'cyan' },
      { text: ` ${done}/${run.stepsPerEpoch}  ${formatLosses(total, losses)}  alpha ${formatFigure(alpha)}` },
      {
        text: `  ${formatRate((this.#samples / (now - this.#epochAt)) * 1000)}  ${this.#left(epoch * run.stepsPerEpoch + done)}`,
        style: 'dim',
      },
    ]);
  }

  #epochCompleted({ epoch, trainLoss, losses, validation, seconds, samplesPerSecond, improved }: SignalOf<'epoch.completed'>): void {
    const run = this.#run;
    if (run === undefined) return;
    const number = epoch + 1;
    if (number % this.every !== 0 && number !== run.epochs) return;
    const accuracy = validation?.accuracy;
    const segments: Segment[] = [
      {
        text: `epoch ${String(number).padStart(String(run.epochs).length)}/${run.epochs}  ${formatLosses(trainLoss, losses)}  alpha ${formatFigure(this.#alpha)}`,
      },
    ];
    if (accuracy !== undefined)
      segments.push({
        text: `  validation accuracy ${percent(accuracy)}${improved ? ' (best)' : ''}`,
        ...(improved ? { style: 'green' as const } : {}),
      });
    const left = number === run.epochs ? '' : `  ${this.#left(number * run.stepsPerEpoch)}`;
    segments.push({ text: `  ${formatRate(samplesPerSecond)}  ${formatSeconds(seconds)} an epoch${left}`, style: 'dim' });
    this.#print(...segments);
  }

  #runCompleted({ status, reason, epochs, seconds, test }: SignalOf<'run.completed'>): void {
    const accuracy = test?.accuracy === undefined ? '' : `, test accuracy ${percent(test.accuracy)}`;
    const style = status === 'completed' ? 'green' : status === 'failed' ? 'red' : 'yellow';
    this.#print({ text: status, style }, { text: ` after ${epochs} epochs in ${formatSeconds(seconds)}: ${reason}${accuracy}` });
  }

  /** Time left, at the pace of this process so far, validation included. */
  #left(stepsDone: number): string {
    const { epochs, stepsPerEpoch, resumedAtStep, startedAt } = this.#run!;
    const own = stepsDone - resumedAtStep;
    const seconds = (this.surroundings.now() - startedAt) / 1000;
    return own <= 0 ? 'left ?' : `left ${formatSeconds((seconds / own) * (epochs * stepsPerEpoch - stepsDone))}`;
  }
}

const percent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** A live progress line on stderr; plain lines where stderr is no terminal. */
export const progressObserver = definePiece({
  kind: 'observer',
  id: 'progress',
  description: 'shows progress on stderr: a live line on a terminal, a plain line an epoch elsewhere',
  facts: {},
  options: z.object({
    every: z.int().min(1).default(1).describe('a lasting line each so many epochs; the last epoch always has one'),
  }),
  create: ({ every }, { label }) =>
    new ProgressObserver(label, every, { stream: process.stderr, now: () => performance.now(), env: process.env }),
});
