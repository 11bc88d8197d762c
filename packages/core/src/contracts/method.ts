import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { Fused } from './fusion.js';
import type { Decision, EpochEndContext, EpochStartContext, StepEndContext } from './host-contexts.js';
import type { Scope } from './scope.js';
import type {
  ExchangeContext,
  FeaturesContext,
  FeaturesResult,
  GradientsContext,
  LogitsContext,
  LossesContext,
  LossTerm,
  UpdateContext,
  UpdateResult,
  UpdateStage,
} from './step-contexts.js';
import type { Json, Tree, Variables } from './tree.js';

export interface PredictContext {
  readonly modalities: readonly string[];
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
  readonly scope: Scope;
}

/** A prediction with read-outs of the method's own. */
export interface Prediction {
  /** [batch, classes]. Absent: those of the fusion, or of the method before. */
  readonly logits?: Tensor;
  /** [batch, classes] by modality, in the place of the fusion's read-outs. */
  readonly unimodal?: Readonly<Record<string, Tensor>>;
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
  /**
   * Initial memory: the names and shapes never change afterwards.
   *
   * @param params all parameters that training starts from
   */
  memory?(params: Tree): Tree;
  /** Initial controls and phase. */
  readonly controls?: Readonly<Record<string, number>>;
  readonly phase?: string;
  /** Several optimizer steps per batch. Absent: one stage with everything. */
  plan?(phase: string): readonly UpdateStage[];

  /** Names of snapshots whose parameters steps can look at, as `context.reference(name)`. */
  readonly references?: readonly string[];

  epochStart?(context: EpochStartContext): Decision | undefined | Promise<Decision | undefined>;
  /** In training, at each exchange of a fusion that has one: gates [batch, channels] by modality in the place of those given. */
  exchange?(context: ExchangeContext): Readonly<Record<string, Tensor>> | undefined;
  features?(context: FeaturesContext): FeaturesResult | undefined;
  logits?(context: LogitsContext): Fused | undefined;
  losses?(context: LossesContext): readonly LossTerm[] | undefined;
  gradients?(context: GradientsContext): Tree | undefined;
  update?(context: UpdateContext): UpdateResult | undefined;
  stepEnd?(context: StepEndContext): Decision | undefined;
  epochEnd?(context: EpochEndContext): Decision | undefined | Promise<Decision | undefined>;
  /** The inference rule: logits [batch, classes] of the run's prediction, or those with read-outs. */
  predict?(context: PredictContext): Tensor | Prediction | undefined;

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
  /** Channels of the maps after each stage, for every modality whose encoder has stages. */
  readonly stages?: Readonly<Record<string, readonly number[]>>;
}

/** The points of the iteration in the order in which they are called. */
export const ITERATION_POINTS = [
  {
    point: 'epochStart',
    side: 'host',
    may: 'run an auxiliary pass, snapshot and restore, set phase, controls and memory',
    alive: 'params, state, loaders (train subset, validation)',
  },
  {
    point: 'exchange',
    side: 'step',
    may: 'replace the gates of a fusion that works between stages',
    alive: 'gates by modality, after each stage that exchanges',
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
  {
    point: 'epochEnd',
    side: 'host',
    may: 'use validation figures (never test): stop, restore, new phase',
    alive: 'metrics, snapshots, and what epochStart has',
  },
  { point: 'predict', side: 'evaluation', may: 'define the inference rule', alive: 'outputs of all heads' },
] as const;
export type IterationPoint = (typeof ITERATION_POINTS)[number]['point'];
