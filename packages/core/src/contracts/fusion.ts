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
}

/** Pure module: features by modality -> fused logits and unimodal read-outs. */
export interface Fusion {
  init(random: RandomStream): Variables;
  apply(scope: Scope, features: Readonly<Record<string, Tensor>>): Fused;
}

export interface FusionContext {
  /** In the order that concatenation uses. */
  readonly modalities: readonly string[];
  readonly featureSizes: Readonly<Record<string, number>>;
  readonly classes: number;
}
