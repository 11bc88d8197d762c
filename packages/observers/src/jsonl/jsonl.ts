import { join } from 'node:path';
import { definePiece, EquimodalError, type Json, type Observer, type ObserverContext, type Signal, type Signals } from '@equimodal/core';
import type { Subscription } from 'rxjs';
import { z } from 'zod';
import { LineFile } from '../files/line-file.js';

const savedSchema = z.object({ bytes: z.int().min(0) });

/** Every signal as one line of JSON, in order. */
class JsonlObserver implements Observer {
  readonly #file: LineFile | undefined;
  #subscription: Subscription | undefined;

  constructor({ runDir }: ObserverContext, bufferLength: number) {
    if (runDir !== undefined) this.#file = new LineFile(join(runDir, 'signals.jsonl'), bufferLength);
  }

  start(signals: Signals): void {
    if (this.#file === undefined) return;
    this.#subscription = signals.all$.subscribe((signal) => this.#write(this.#file!, signal));
  }

  #write(file: LineFile, signal: Signal): void {
    // A resumed run whose checkpoint knew nothing of this observer continues what is there.
    if (signal.type === 'run.started') file.open(signal.resumedAtStep > 0 ? 'continue' : 'fresh');
    file.append(JSON.stringify(signal));
    // Whoever follows the file sees an epoch as soon as it is over.
    if (signal.type === 'epoch.completed' || signal.type === 'run.completed') file.write();
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
      throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the state in the checkpoint is not that of the observer "jsonl"', {
        where: 'observer "jsonl"',
      });
    this.#file?.restore(saved.data.bytes);
  }
}

/** `<runDir>/signals.jsonl`: every signal of the run, one a line. Without a run folder it does nothing. */
export const jsonlObserver = definePiece({
  kind: 'observer',
  id: 'jsonl',
  description: 'writes every signal to signals.jsonl, one a line',
  facts: {},
  options: z.object({
    bufferLength: z
      .int()
      .min(1)
      .default(65_536)
      .describe('bytes that may wait in memory between writes; an epoch and a checkpoint write in any case'),
  }),
  create: ({ bufferLength }, context) => new JsonlObserver(context, bufferLength),
});
