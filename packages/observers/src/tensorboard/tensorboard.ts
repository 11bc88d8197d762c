import { join } from 'node:path';
import {
  definePiece,
  EquimodalError,
  type Json,
  type Numbers,
  type Observer,
  type ObserverContext,
  type Signal,
  type Signals,
  type SplitMetrics,
} from '@equimodal/core';
import type { Subscription } from 'rxjs';
import { z } from 'zod';
import { GrowingFile } from '../files/growing-file.js';
import { scalarRecord, versionRecord } from './records.js';

const savedSchema = z.object({ bytes: z.int().min(0) });

/** One name for all time, so that a resumed run continues the file; TensorBoard looks for `tfevents` in it. */
const FILE = 'events.out.tfevents.equimodal';

/** Figures of steps and epochs as scalars for TensorBoard. */
class TensorboardObserver implements Observer {
  readonly #file: GrowingFile | undefined;
  #subscription: Subscription | undefined;
  #stepsPerEpoch = 1;

  constructor(
    { runDir }: ObserverContext,
    private readonly every: number,
  ) {
    if (runDir !== undefined) this.#file = new GrowingFile(join(runDir, FILE));
  }

  start(signals: Signals): void {
    const file = this.#file;
    if (file !== undefined) this.#subscription = signals.all$.subscribe((signal) => this.#take(file, signal));
  }

  #take(file: GrowingFile, signal: Signal): void {
    const now = Date.now() / 1000;
    const put = (step: number, scalars: Readonly<Record<string, number>>): void => {
      if (Object.keys(scalars).length > 0) file.add(scalarRecord(now, step, scalars));
    };
    if (signal.type === 'run.started') {
      this.#stepsPerEpoch = signal.stepsPerEpoch;
      file.open(signal.resumedAtStep > 0 ? 'continue' : 'fresh');
      if (file.bytes === 0) file.add(versionRecord(now));
    } else if (signal.type === 'step.completed') {
      const step = signal.epoch * this.#stepsPerEpoch + signal.step;
      if (step % this.every !== 0) return;
      const { total, losses, alpha, learningRate, reports } = signal;
      put(step, {
        'step/loss': total,
        'step/alpha': alpha,
        'step/learning_rate': learningRate,
        ...under('step/losses', losses),
        ...under('step/reports', reports),
      });
    } else if (signal.type === 'gradients.measured') {
      put(signal.epoch, { ...under('gradients/norm', signal.norm), ...under('gradients/cosine', signal.cosine) });
    } else if (signal.type === 'epoch.completed') {
      const { epoch, trainLoss, losses, validation } = signal;
      put(epoch, { 'epoch/loss': trainLoss, ...under('epoch/losses', losses), ...metricScalars('validation', validation) });
      file.write();
    } else if (signal.type === 'run.completed') {
      put(signal.epochs, metricScalars('test', signal.test));
      file.write();
    }
  }

  flush(): void {
    this.#file?.flush();
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#file?.close();
  }

  state(): Json {
    return { bytes: this.#file?.bytes ?? 0 };
  }

  restore(state: Json): void {
    const saved = savedSchema.safeParse(state);
    if (!saved.success)
      throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the state in the checkpoint is not that of the observer "tensorboard"', {
        where: 'observer "tensorboard"',
      });
    this.#file?.restore(saved.data.bytes);
  }
}

/** Every number of a split: those of the whole, then `validation/audio/accuracy`. */
function metricScalars(head: string, metrics: SplitMetrics | null): Record<string, number> {
  if (metrics === null) return {};
  const { perModality, ...whole } = metrics;
  const numbers = Object.fromEntries(Object.entries(whole).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  const own = Object.entries(perModality).map(([modality, figures]) => under(`${head}/${modality}`, figures));
  return Object.assign({}, under(head, numbers), ...own) as Record<string, number>;
}

function under(head: string, numbers: Numbers): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${head}/${name}`, value]));
}

/** `<runDir>/events.out.tfevents.equimodal`, for `tensorboard --logdir runs`. Without a run folder it does nothing. */
export const tensorboardObserver = definePiece({
  kind: 'observer',
  id: 'tensorboard',
  description: 'writes scalars of steps and epochs as an event file for TensorBoard',
  facts: {},
  options: z.object({
    every: z.int().min(1).default(10).describe('writes the figures of each n-th training step; epochs are always written'),
  }),
  create: ({ every }, context) => new TensorboardObserver(context, every),
});
