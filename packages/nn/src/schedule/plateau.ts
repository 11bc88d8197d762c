import type { Json } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import { checkRange } from '../layer/check.js';

export interface PlateauOptions {
  /** What the learning rate is multiplied by. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are tolerated. Default 10. */
  readonly patience?: number;
  /** How much better counts as an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** `relative`: a share of the best value; `absolute`: an amount. Default `relative`. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Whether a smaller (`min`) or a larger (`max`) value is better. Default `min`. */
  readonly mode?: 'min' | 'max';
  /** Epochs after a drop in which nothing is counted. Default 0. */
  readonly cooldown?: number;
  /** The factor never falls below. Default 0. */
  readonly minimum?: number;
}

/** A schedule that watches a value. */
export interface Plateau {
  /** Factor on the base learning rate now in force. */
  readonly factor: number;
  /** Tells the value of an epoch that ended; returns the factor for the next one. */
  observe(value: number): number;
  state(): Json;
  restore(state: Json): void;
}

/**
 * Multiplies the learning rate by `factor` when the watched value has not improved for more than `patience` epochs.
 * PyTorch's ReduceLROnPlateau (without its smallest change of the rate).
 *
 * @throws EQM_PLUGIN_FAULT on a factor outside (0, 1) or a state it did not write.
 */
export function plateau(options: PlateauOptions = {}): Plateau {
  const { patience = 10, threshold = 1e-4, thresholdMode = 'relative', mode = 'min', cooldown = 0, minimum = 0 } = options;
  const drop = checkRange(options.factor ?? 0.1, Number.MIN_VALUE, 1, 'factor', 'plateau');
  const sign = mode === 'min' ? 1 : -1;
  let best: number | null = null;
  let bad = 0;
  let resting = 0;
  let factor = 1;

  const improved = (value: number): boolean => {
    if (best === null) return Number.isFinite(value);
    const target = thresholdMode === 'relative' ? best * (1 - sign * threshold) : best - sign * threshold;
    return sign * value < sign * target;
  };

  return {
    get factor() {
      return factor;
    },
    observe(value) {
      if (improved(value)) {
        best = value;
        bad = 0;
      } else {
        bad++;
      }
      if (resting > 0) {
        resting--;
        bad = 0;
      }
      if (bad > patience) {
        factor = Math.max(factor * drop, minimum);
        resting = cooldown;
        bad = 0;
      }
      return factor;
    },
    state: () => ({ best, bad, resting, factor }),
    restore(state) {
      const saved = state as { best?: unknown; bad?: unknown; resting?: unknown; factor?: unknown } | null;
      if (
        typeof saved?.bad !== 'number' ||
        typeof saved.resting !== 'number' ||
        typeof saved.factor !== 'number' ||
        !(saved.best === null || typeof saved.best === 'number')
      ) {
        throw new EquimodalError('EQM_PLUGIN_FAULT', 'this is not the state of a plateau schedule', {
          where: 'plateau',
          fix: 'Restore what state() returned.',
        });
      }
      ({ bad, resting, factor } = saved as { bad: number; resting: number; factor: number });
      best = saved.best;
    },
  };
}
