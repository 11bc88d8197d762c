import type { Json, TrainingConfig } from '@equimodal/core';
import { constant, cosine, plateau, step, warmUp, type Plateau, type Schedule } from '@equimodal/nn';

/** The learning rate of an epoch: base rate, schedule and warm-up. */
export class LearningRate {
  readonly #base: number;
  readonly #schedule: Schedule;
  readonly #plateau: Plateau | null;

  constructor({ optimizer, schedule, warmupEpochs, epochs }: TrainingConfig) {
    this.#base = optimizer.learningRate;
    const watching = schedule.use === 'plateau' ? plateau(schedule) : null;
    this.#plateau = watching;
    const then = watching === null ? scheduleOf(schedule, epochs - warmupEpochs) : () => watching.factor;
    this.#schedule = warmupEpochs === 0 ? then : warmUp({ epochs: warmupEpochs, then });
  }

  /** Learning rate in an epoch, from 0. */
  at(epoch: number): number {
    return this.#base * this.#schedule(epoch);
  }

  /** Tells the loss (validation if there is one) of an epoch that ended. */
  observe(loss: number): void {
    this.#plateau?.observe(loss);
  }

  state(): Json {
    return this.#plateau?.state() ?? null;
  }

  restore(state: Json): void {
    if (state !== null) this.#plateau?.restore(state);
  }
}

function scheduleOf(config: TrainingConfig['schedule'], epochs: number): Schedule {
  switch (config.use) {
    case 'step':
      return step({
        factor: config.factor,
        ...(config.every === undefined ? {} : { every: config.every }),
        ...(config.milestones === undefined ? {} : { milestones: config.milestones }),
      });
    case 'cosine':
      return cosine({ epochs: Math.max(1, epochs), minimum: config.minimum });
    default:
      return constant();
  }
}
