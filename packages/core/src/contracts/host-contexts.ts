import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { SplitMetrics } from '../signals/signals.js';
import type { Fused } from './fusion.js';
import type { Scope } from './scope.js';
import type { Tree } from './tree.js';

/** Values, between steps. */
export interface StepEndContext {
  readonly epoch: number;
  /** The step that has ended, counted from 0 in its epoch. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly total: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly reports: Readonly<Record<string, number>>;
}

/** A batch of an auxiliary pass. */
export interface PassBatch {
  readonly labels: Int32Array;
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
  /** The method's own parameters, in evaluation mode. */
  readonly scope: Scope;
}

/** Between epochs: what a method may look at and do. */
export interface EpochContext {
  readonly epoch: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly params: Tree;
  readonly state: Tree;
  readonly random: RandomStream;
  /**
   * Auxiliary pass: batches in a fixed order, evaluation mode, features and read-outs. Tensors are disposed after the
   * visit; a visit that returns false ends the pass. Never test. Nothing is visited where there is no validation split.
   *
   * @param options.fraction a share of the rows, at least one, drawn anew for each epoch. Default 1: all of them
   */
  pass(
    split: 'train' | 'validation',
    visit: (batch: PassBatch) => boolean | undefined,
    options?: { readonly fraction?: number },
  ): Promise<void>;
  /** Names a snapshot of all parameters, state and optimizer state; an older one of the same name is let go. */
  snapshot(name: string): void;
  /**
   * Brings a snapshot back, all of it or by path.
   *
   * @param options.weight 1 replaces what is live; less mixes parameters: weight * snapshot + (1 - weight) * live. Default 1.
   * @throws Error when there is no such snapshot
   */
  restore(name: string, options?: { readonly paths?: (path: string) => boolean; readonly weight?: number }): void;
  /** Momentum and step counts start anew, for all paths or the chosen ones. */
  resetOptimizer(paths?: (path: string) => boolean): void;
  readonly memory: {
    /** Values of what the method remembers. */
    get(name: string): Float32Array;
    /** Replaces them; the shape stays. */
    set(name: string, values: Float32Array): void;
  };
}

/** Before the first step of an epoch. */
export type EpochStartContext = EpochContext;

export interface EpochEndContext extends EpochContext {
  /** Never test. Null when the run has no validation split. */
  readonly validation: SplitMetrics | null;
  readonly train: { readonly loss: number; readonly losses: Readonly<Record<string, number>> };
}

/** What a host-side hook decides. */
export interface Decision {
  readonly phase?: string;
  readonly controls?: Readonly<Record<string, number>>;
  /** Ends the run after this epoch, with the reason. */
  readonly stop?: string;
  /** False: from now on an epoch's model is a means to something else, and is not selected. True takes that back. */
  readonly candidate?: boolean;
}
