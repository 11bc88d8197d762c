import type { Engine, Host, LoadedDataset, RecipeConfig, RunControls, Signals, SplitMetrics, UseSpec } from '@equimodal/core';
import type { FrozenReport } from '../frozen/frozen.js';
import type { WeightPlaces } from '../weights/places.js';
import type { PretrainedReport } from '../weights/pretrained.js';
import type { RunFolder } from './run-folder.js';

/** What one run is: a row, a seed, data and an engine. */
export interface RunRequest {
  readonly host: Host;
  readonly engine: Engine;
  readonly experiment: string;
  readonly recipe: RecipeConfig;
  readonly seed: number;
  readonly dataset: LoadedDataset;
  readonly metrics: readonly UseSpec[];
  /** Where weight files are looked for. Default: the current folder. */
  readonly places?: WeightPlaces;
  readonly observers: readonly UseSpec[];
  /** Absent: nothing is written. */
  readonly folder?: RunFolder;
  /** Continue from the latest checkpoint of the folder. */
  readonly resume?: boolean;
  readonly abort?: AbortSignal;
  /** Leave test alone, for a run that is only tried: its test figures stay empty. */
  readonly withholdTest?: boolean;
  /** Look for plugins that leave tensors behind, and warn. */
  readonly debug?: boolean;
  /** Called before the run starts: subscribe to signals, keep the controls. */
  readonly attach?: (signals: Signals, controls: RunControls) => void;
}

/** Final figures of a run; `metrics.json` of its folder. */
export interface RunMetrics {
  readonly selection: string;
  /** Epochs trained. */
  readonly epochs: number;
  /** Epoch (from 0) whose parameters were scored on test. */
  readonly selectedEpoch: number;
  /** Passes over the training data an epoch took on average: training itself is one, methods may have taken more. */
  readonly dataPassesPerEpoch: number;
  /** Backward passes that learning alpha took an epoch on average, each over a batch of its own. */
  readonly alphaPassesPerEpoch: number;
  readonly validation: SplitMetrics | null;
  /** Without a figure where test was withheld. */
  readonly test: SplitMetrics;
}

export interface RunResult {
  readonly status: 'completed' | 'stopped' | 'interrupted';
  readonly reason: string;
  readonly metrics: RunMetrics | null;
  readonly seconds: number;
  readonly parameters: number;
  /**
   * Floating-point operations of one forward pass of one sample, without those of frozen encoders; null where they were not counted (a run that
   * was interrupted, ops that keep a state of their own).
   */
  readonly flops: number | null;
  readonly sizes: Readonly<Record<string, number>>;
  /** What was taken from weight files. */
  readonly pretrained: readonly PretrainedReport[];
  /** How the features of frozen encoders came about. */
  readonly frozen: readonly FrozenReport[];
}
