import type { Dimension, Point } from '@equimodal/core';

/** What was searched, and what came out: enough to state a search in a paper, and to do it again. */
export interface SweepResults {
  readonly search: 'grid' | 'random' | 'halton';
  /** Which points were drawn. */
  readonly seed: number;
  /** Seeds of each trial's runs. */
  readonly seeds: readonly number[];
  /** Validation figure that decided, as the mean over the seeds. */
  readonly metric: string;
  readonly goal: 'max' | 'min';
  /** Whether every row had the same number of trials. */
  readonly equalBudget: boolean;
  readonly rows: readonly SweepRow[];
}

export interface SweepRow {
  readonly recipe: string;
  /** Values or range of every setting, by path. */
  readonly space: Readonly<Record<string, Dimension>>;
  readonly trials: readonly {
    readonly point: Point;
    /** Mean of the validation figure over the seeds; null if a run of the trial failed. */
    readonly value: number | null;
    /** Why there is no value. */
    readonly failure: string | null;
  }[];
  /** Index of the trial whose settings the row was compared with; null if none has a value. */
  readonly chosen: number | null;
}
