import { EquimodalError, type RunControls } from '@equimodal/core';

/** What was asked from outside and is in force. Part of a checkpoint, so that a resumed run is the same run. */
export interface ControlState {
  /** Set through setAlpha: from then on the scheduler is not asked any more. */
  readonly alpha: number | null;
  readonly learningRateFactor: number;
  readonly lossWeights: Readonly<Record<string, number>>;
}

export const NO_CONTROLS: ControlState = { alpha: null, learningRateFactor: 1, lossWeights: {} };

interface Request {
  readonly control: string;
  readonly value: number | string;
  readonly source: string;
  apply(state: ControlState): ControlState;
  readonly stop?: string;
}

/** Queues requests; the trainer takes them at the next step boundary. */
export class QueuedControls implements RunControls {
  #queue: Request[] = [];

  setAlpha(alpha: number, source = 'plugin'): void {
    check('alpha', alpha, alpha >= 0 && alpha <= 1, 'a number in [0, 1]');
    this.#queue.push({ control: 'alpha', value: alpha, source, apply: (state) => ({ ...state, alpha }) });
  }

  scaleLearningRate(factor: number, source = 'plugin'): void {
    check('learning rate factor', factor, factor >= 0, 'a number >= 0');
    this.#queue.push({
      control: 'learningRateFactor',
      value: factor,
      source,
      apply: (state) => ({ ...state, learningRateFactor: factor }),
    });
  }

  setLossWeight(term: string, weight: number, source = 'plugin'): void {
    check(`weight of "${term}"`, weight, true, 'a number');
    this.#queue.push({
      control: `weight/${term}`,
      value: weight,
      source,
      apply: (state) => ({ ...state, lossWeights: { ...state.lossWeights, [term]: weight } }),
    });
  }

  stop(reason: string, source = 'plugin'): void {
    this.#queue.push({ control: 'stop', value: reason, source, apply: (state) => state, stop: reason });
  }

  /** Takes all that was asked since the last call. */
  take(): readonly Request[] {
    if (this.#queue.length === 0) return this.#queue;
    const taken = this.#queue;
    this.#queue = [];
    return taken;
  }
}

function check(what: string, value: number, fits: boolean, expected: string): void {
  if (Number.isFinite(value) && fits) return;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the ${what} was set to ${value}; expected ${expected}`, { where: 'RunControls' });
}
