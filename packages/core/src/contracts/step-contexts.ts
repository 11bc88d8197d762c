import type { Tensor } from '@tensorflow/tfjs-core';
import type { Fused } from './fusion.js';
import type { Scope, StepRandom } from './scope.js';
import type { Tree } from './tree.js';

/** One named scalar term of the objective. */
export interface LossTerm {
  /** `fused`, `unimodal/audio`, `alignment`, or a name a method chose. */
  readonly name: string;
  readonly kind: 'classification' | 'alignment' | 'regulariser';
  /** Unweighted value, scalar. */
  readonly value: Tensor;
  /** Weight inside its kind. The trainer applies (1 - alpha) to classification and alpha to alignment; regularisers are added as they are. */
  readonly weight: number | Tensor;
}

/** What every in-step hook can reach. Nothing may be read back (`dataSync`) inside a step. */
export interface StepContext {
  readonly modalities: readonly string[];
  readonly classes: number;
  /** int32 [batch] */
  readonly labels: Tensor;
  /** Name of the update-plan stage that runs. */
  readonly stage: string;
  /** Host-side phase of this method; a change of phase is a new program. */
  readonly phase: string;
  /** This method's own numbers that may change between steps, as scalars. */
  readonly controls: Readonly<Record<string, Tensor>>;
  /** This method's own parameters (auxiliary heads). */
  readonly scope: Scope;
  readonly params: Tree;
  readonly random: StepRandom;
  /** What this method remembers from step to step, as tensors. */
  readonly memory: { get(name: string): Tensor; set(name: string, value: Tensor): void };
  /** A snapshot that the method declared in `references`, as it was last taken: first of the parameters that training starts from. */
  reference(name: string): Reference;
  /** Adds a scalar to the `reports` of the step.completed signal, under `<method>/<name>`. */
  report(name: string, value: Tensor): void;
}

/** The model as a snapshot holds it. Nothing of it is trained: no gradient flows into its parameters. */
export interface Reference {
  readonly params: Tree;
  /** Features [batch, featureSize] of this batch by modality, in evaluation mode, without a gradient. */
  features(): Readonly<Record<string, Tensor>>;
  /** Fused logits and read-outs of this batch, in evaluation mode, without a gradient. */
  fused(): Fused;
}

/** Between two stages of the encoders, where a fusion exchanges their maps. Training only. */
export interface ExchangeContext extends StepContext {
  /** The stage that has just run, counted from 1. */
  readonly encoderStage: number;
  /** The gates that the fusion is about to put on the channels of each modality, [batch, channels]. */
  readonly gates: Readonly<Record<string, Tensor>>;
}

export interface FeaturesContext extends StepContext {
  readonly features: Readonly<Record<string, Tensor>>;
  /** The fusion on any features of this batch. */
  fuse(features: Readonly<Record<string, Tensor>>): Fused;
}
export interface FeaturesResult {
  readonly features?: Readonly<Record<string, Tensor>>;
  /** float32 [batch] */
  readonly sampleWeights?: Tensor;
}

export interface LogitsContext extends FeaturesContext {
  readonly fused: Fused;
  /** Forward pass with only these modalities present, the others zeroed at the input; batch norm uses running statistics. */
  forward(present: ReadonlySet<string>): Fused;
}

export interface LossesContext extends LogitsContext {
  readonly terms: readonly LossTerm[];
  /**
   * The configured classification loss, on any logits.
   *
   * @param sampleWeights float32 [batch], multiplied with those of the `features` hooks; the loss is then sum(w l) / sum(w)
   */
  classification(logits: Tensor, sampleWeights?: Tensor): Tensor;
  /** float32 [batch], if a `features` hook weighs samples. */
  readonly sampleWeights?: Tensor;
}

export interface GradientsContext extends LossesContext {
  readonly gradients: Tree;
  /** Per term, unweighted, when the method declares the need `gradients-by-loss`. */
  readonly byLoss: Readonly<Record<string, Tree>>;
}

export interface UpdateContext extends StepContext {
  /** All trainable paths. */
  readonly paths: readonly string[];
}
/** Restricts or scales the update by path. A frozen path is not touched at all: no momentum, no weight decay. */
export interface UpdateResult {
  readonly frozen?: (path: string) => boolean;
  /** Factor on the learning rate. */
  readonly rate?: (path: string) => number | Tensor;
}

/** One optimizer step of the plan a method may give for a batch. */
export interface UpdateStage {
  readonly name: string;
  /** Terms that are optimised in this stage, by name. Absent: all. */
  readonly terms?: (name: string) => boolean;
  /** Which parameters are updated. Absent: all. */
  readonly parameters?: (path: string) => boolean;
}
