import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { Scope } from './scope.js';
import type { Variables } from './tree.js';

/**
 * What a fusion returns: fused logits [batch, classes] and, per modality, the unimodal read-out
 * [batch, classes] of the same head. Each fusion's README defines its read-out.
 */
export interface Fused {
  readonly logits: Tensor;
  readonly unimodal: Readonly<Record<string, Tensor>>;
  /** Logits [batch, classes] of heads that belong to no modality and are trained like the read-outs: a pseudo-view. */
  readonly auxiliary?: Readonly<Record<string, Tensor>>;
  /** What the heads were applied to, [batch, size] by modality, where the fusion maps features first. */
  readonly mapped?: Readonly<Record<string, Tensor>>;
  /** Numbers of each sample, [batch], whose mean evaluation reports under their name: the uncertainty of a prediction. */
  readonly measures?: Readonly<Record<string, Tensor>>;
}

/** Replaces the gates of a stage: what methods do at the point `exchange`. */
export type Gated = (gates: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;

/** What a fusion does between the stages of the encoders: the maps of all modalities after a stage -> the maps the next stage sees. */
export interface Exchange {
  /** The stages after which it is called, counted from 1. */
  readonly after: readonly number[];
  /**
   * @param maps by modality, [batch, ...positions, channels]; the result has the same shapes
   * @param gated to be called with the gates [batch, channels] by modality, where the exchange has such; what it returns is put on the channels
   */
  apply(scope: Scope, stage: number, maps: Readonly<Record<string, Tensor>>, gated?: Gated): Readonly<Record<string, Tensor>>;
}

/** Pure module: features by modality -> fused logits and unimodal read-outs. */
export interface Fusion {
  init(random: RandomStream): Variables;
  apply(scope: Scope, features: Readonly<Record<string, Tensor>>): Fused;
  /**
   * Fused logits [batch, classes] when some modalities are missing. Absent where the mathematics does not allow it; the
   * facts then say why, under `missing`.
   *
   * @param features of the modalities that are there, at least one
   */
  partial?(scope: Scope, features: Readonly<Record<string, Tensor>>): Tensor;
  /** Present in a fusion that needs 'stages'. */
  readonly exchange?: Exchange;
}

export interface FusionContext {
  /** In the order that concatenation uses. */
  readonly modalities: readonly string[];
  readonly featureSizes: Readonly<Record<string, number>>;
  readonly classes: number;
  /** Channels of the maps after each stage, for every modality whose encoder has stages. */
  readonly stages?: Readonly<Record<string, readonly number[]>>;
}
