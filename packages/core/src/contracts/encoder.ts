import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random.js';
import type { ModalityKind } from './facts.js';
import type { Scope } from './scope.js';
import type { Variables } from './tree.js';

/** One named input stream. `shape` excludes the batch axis. */
export interface ModalitySpec {
  readonly name: string;
  readonly kind: ModalityKind;
  readonly shape: readonly number[];
  /** Whether training passes draw random numbers for it (augmentation). Absent: a run looks whether any are drawn. */
  readonly augmented?: boolean;
}

/** What an encoder returns: features [batch, featureSize]. */
export interface Encoded {
  readonly features: Tensor;
}

/**
 * An encoder cut into ordered stages, so that a fusion can work between them (see `Exchange`).
 *
 * Running all stages and then `end` is what `apply` of the encoder does.
 */
export interface Stages {
  /** Channels of the maps after each stage. */
  readonly channels: readonly number[];
  /**
   * One stage, counted from 1: maps [batch, ...positions, channels], positions being space, time or both, in any number
   * of axes. The first stage takes the encoder's input, any other the maps of the stage before.
   */
  run(scope: Scope, stage: number, input: Tensor): Tensor;
  /** Maps of the last stage -> features [batch, featureSize]. */
  end(scope: Scope, maps: Tensor): Tensor;
}

/** Where a variable of an encoder stands in a published weight file. `path` is that of a parameter or of state. */
export interface WeightName {
  readonly path: string;
  readonly tensor: string;
  readonly layout: 'as-is' | 'linear' | 'conv2d' | 'conv3d';
}

/** Pure module: one modality's input [batch, ...shape] -> feature vector. */
export interface Encoder {
  readonly featureSize: number;
  /** Where its variables stand in a published weight file (PyTorch's or Hugging Face's names). */
  readonly names?: readonly WeightName[];
  /** Path prefixes of its layers, from input to output: layer-wise learning rates follow them. */
  readonly layers?: readonly (readonly string[])[];
  init(random: RandomStream): Variables;
  apply(scope: Scope, input: Tensor): Encoded;
  /** Its stages, if it has them; its facts then say `staged`. */
  readonly stages?: Stages;
}

/** What the factory of an encoder is given beside its options. */
export interface EncoderContext {
  readonly modality: ModalitySpec;
}
