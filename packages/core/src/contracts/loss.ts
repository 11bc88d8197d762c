import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { Scope } from './scope.js';
import type { Variables } from './tree.js';

/** A classification loss: logits [batch, classes] and labels int32 [batch] -> scalar. */
export interface Loss {
  compute(input: LossInput): Tensor;
}

export interface LossInput {
  readonly logits: Tensor;
  readonly labels: Tensor;
  readonly classes: number;
  /** float32 [batch]; the loss is then the weighted mean sum(w l) / sum(w). */
  readonly sampleWeights?: Tensor;
  /** Epoch of the training step, scalar, counted from 0: for terms that are annealed. Absent outside a training step: their final value counts. */
  readonly epoch?: Tensor;
}

/** An alignment loss compares modalities: features and unimodal logits -> scalar. */
export interface Alignment {
  /** Trainable parameters (a projection), if it has any. */
  init?(random: RandomStream): Variables;
  compute(input: AlignmentInput, scope: Scope): Tensor;
}

export interface AlignmentInput {
  readonly modalities: readonly string[];
  /** [batch, featureSize] per modality. */
  readonly features: Readonly<Record<string, Tensor>>;
  /** [batch, classes] per modality. */
  readonly unimodal: Readonly<Record<string, Tensor>>;
  readonly labels: Tensor;
}

export interface AlignmentContext {
  readonly modalities: readonly string[];
  readonly featureSizes: Readonly<Record<string, number>>;
  readonly classes: number;
}
export type LossContext = { readonly classes: number };
