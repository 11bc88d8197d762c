import type { Json, SplitMetrics } from '@equimodal/core';
import { NO_CONTROLS, type ControlState } from '../controls/controls.js';

/** Sums over the steps of the epoch under way. */
export interface EpochSums {
  readonly samples: number;
  readonly total: number;
  readonly losses: Readonly<Record<string, number>>;
}

export const NO_SUMS: EpochSums = { samples: 0, total: 0, losses: {} };

/** Everything a run remembers outside tensors. Plain data: it is the JSON of a checkpoint. */
export interface RunProgress {
  /** The step to run next. */
  readonly epoch: number;
  readonly step: number;
  readonly alpha: number;
  readonly controls: ControlState;
  readonly phases: Readonly<Record<string, string>>;
  readonly methodControls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly sums: EpochSums;
  readonly best: { readonly epoch: number; readonly score: number; readonly loss: number } | null;
  readonly stop: string | null;
  /** Whether the epoch's model may be selected. */
  readonly candidate: boolean;
  readonly lastValidation: SplitMetrics | null;
  /** Passes over the training data beside training itself so far, parts of passes included. */
  readonly auxiliaryPasses: number;
  /** Backward passes that updates of alpha have taken. */
  readonly alphaPasses: number;
}

export function initialProgress(alpha: number): RunProgress {
  return {
    epoch: 0,
    step: 0,
    alpha,
    controls: NO_CONTROLS,
    phases: {},
    methodControls: {},
    sums: NO_SUMS,
    best: null,
    stop: null,
    candidate: true,
    lastValidation: null,
    auxiliaryPasses: 0,
    alphaPasses: 0,
  };
}

export function addToSums(sums: EpochSums, samples: number, total: number, losses: Readonly<Record<string, number>>): EpochSums {
  const next: Record<string, number> = { ...sums.losses };
  for (const [name, value] of Object.entries(losses)) next[name] = (next[name] ?? 0) + value * samples;
  return { samples: sums.samples + samples, total: sums.total + total * samples, losses: next };
}

export function meansOf(sums: EpochSums): { loss: number; losses: Record<string, number> } {
  const n = Math.max(1, sums.samples);
  return { loss: sums.total / n, losses: Object.fromEntries(Object.entries(sums.losses).map(([name, value]) => [name, value / n])) };
}

export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
