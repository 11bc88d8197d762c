import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { SplitMetrics } from '../signals/signals.js';
import type { Fused } from './fusion.js';
import type { Scope, StepRandom } from './scope.js';
import type { Json, Tree, Variables } from './tree.js';

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
  /** Adds a scalar to the `reports` of the step.completed signal, under `<method>/<name>`. */
  report(name: string, value: Tensor): void;
}

export interface FeaturesContext extends StepContext {
  readonly features: Readonly<Record<string, Tensor>>;
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
  /** The configured classification loss, on any logits. */
  classification(logits: Tensor): Tensor;
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

/** Values, between steps. */
export interface StepEndContext {
  readonly epoch: number;
  readonly step: number;
  readonly total: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly reports: Readonly<Record<string, number>>;
}

export interface EpochStartContext {
  readonly epoch: number;
  readonly epochs: number;
  readonly params: Tree;
  readonly state: Tree;
  readonly random: RandomStream;
  /** Auxiliary pass: batches of the training subset in a fixed order, evaluation mode, features and read-outs. Tensors are disposed after the callback. */
  pass(split: 'train' | 'validation', visit: (batch: PassBatch) => void): Promise<void>;
}
export interface PassBatch {
  readonly labels: Int32Array;
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
}

export interface EpochEndContext {
  readonly epoch: number;
  readonly epochs: number;
  /** Never test. Null when the run has no validation split. */
  readonly validation: SplitMetrics | null;
  readonly train: { readonly loss: number; readonly losses: Readonly<Record<string, number>> };
  /** Names a snapshot of all parameters and state. */
  snapshot(name: string): void;
  /** Brings the parameters back, all or by path. */
  restore(name: string, paths?: (path: string) => boolean): void;
}

/** What a host-side hook decides. */
export interface Decision {
  readonly phase?: string;
  readonly controls?: Readonly<Record<string, number>>;
  /** Ends the run after this epoch, with the reason. */
  readonly stop?: string;
}

export interface PredictContext {
  readonly modalities: readonly string[];
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
  readonly scope: Scope;
}

/**
 * A balancing strategy: interventions at the points of the iteration (see `ITERATION_POINTS`).
 *
 * In-step hooks (`features` to `update`) are pure and synchronous: tensors in, tensors out. Host-side hooks
 * (`epochStart`, `stepEnd`, `epochEnd`) see values and return a decision.
 */
export interface Method {
  /** Restricts the run to some modalities, before the model is built. */
  selectModalities?(all: readonly string[]): readonly string[];
  /** Own trainable parameters, below `methods/<id>/`. */
  init?(random: RandomStream): Variables;
  /** Initial memory: the names and shapes never change afterwards. */
  memory?(): Tree;
  /** Initial controls and phase. */
  readonly controls?: Readonly<Record<string, number>>;
  readonly phase?: string;
  /** Several optimizer steps per batch. Absent: one stage with everything. */
  plan?(phase: string): readonly UpdateStage[];

  epochStart?(context: EpochStartContext): Decision | undefined | Promise<Decision | undefined>;
  features?(context: FeaturesContext): FeaturesResult | undefined;
  logits?(context: LogitsContext): Fused | undefined;
  losses?(context: LossesContext): readonly LossTerm[] | undefined;
  gradients?(context: GradientsContext): Tree | undefined;
  update?(context: UpdateContext): UpdateResult | undefined;
  stepEnd?(context: StepEndContext): Decision | undefined;
  epochEnd?(context: EpochEndContext): Decision | undefined | Promise<Decision | undefined>;
  /** The inference rule: logits [batch, classes] of the run's prediction. */
  predict?(context: PredictContext): Tensor | undefined;

  /** What it remembers outside tensors, and back. */
  state?(): Json;
  restore?(state: Json): void;
}

export interface MethodContext {
  /** All modalities of the dataset; after `selectModalities` the run may use fewer. */
  readonly modalities: readonly string[];
  readonly featureSizes: Readonly<Record<string, number>>;
  readonly classes: number;
  readonly epochs: number;
}

/** The points of the iteration in the order in which they are called. */
export const ITERATION_POINTS = [
  {
    point: 'epochStart',
    side: 'host',
    may: 'run an auxiliary pass, set phase and controls',
    alive: 'params, state, loaders (train subset, validation)',
  },
  {
    point: 'features',
    side: 'step',
    may: 'replace, mask or rescale features; weight samples',
    alive: 'per-modality features, labels, random stream',
  },
  {
    point: 'logits',
    side: 'step',
    may: 'scale the gradient that flows into a unimodal response',
    alive: 'fused and unimodal logits, forward(present)',
  },
  { point: 'losses', side: 'step', may: 'add, drop or re-weight named terms', alive: 'all of the above' },
  { point: 'gradients', side: 'step', may: 'read and transform the gradient tree', alive: 'gradients by loss and path, seeded noise' },
  { point: 'update', side: 'step', may: 'freeze paths, scale learning rates by path', alive: 'paths, controls' },
  { point: 'stepEnd', side: 'host', may: 'decide what the next step does', alive: 'losses and reports, as values' },
  { point: 'epochEnd', side: 'host', may: 'use validation figures (never test): stop, restore, new phase', alive: 'metrics, snapshots' },
  { point: 'predict', side: 'evaluation', may: 'define the inference rule', alive: 'outputs of all heads' },
] as const;
export type IterationPoint = (typeof ITERATION_POINTS)[number]['point'];
