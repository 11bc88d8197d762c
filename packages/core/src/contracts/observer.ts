import type { Signals } from '../signals/bus.js';
import type { Json } from './tree.js';

/** Watches the bus. It may be slow or throw: training goes on. */
export interface Observer {
  /** Subscribes; called once, before `run.started`. */
  start(signals: Signals): void;
  /** Flushes what is buffered; called before each checkpoint, so that `state` describes what is on disk. */
  flush?(): void;
  /** Unsubscribes and closes files. */
  stop(): void;
  /** What a resumed run needs to continue this observer's output without a gap or a repeat. */
  state?(): Json;
  restore?(state: Json): void;
}

export interface ObserverContext {
  /** The run folder; absent when a run is not written to disk. */
  readonly runDir: string | undefined;
  readonly label: string;
}

/** Steers a run from outside the step. Takes effect at the next step boundary and is itself a signal (`control.applied`). */
export interface RunControls {
  setAlpha(alpha: number, source?: string): void;
  /** Factor on the scheduled learning rate. */
  scaleLearningRate(factor: number, source?: string): void;
  /** Weight of a named loss term. */
  setLossWeight(term: string, weight: number, source?: string): void;
  /** Ends the run after the current step; a checkpoint is kept. */
  stop(reason: string, source?: string): void;
}
