import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * A plain tree of tensors, flattened: path -> tensor. Paths are the tags, e.g.
 * `encoders/audio/layer1/0/conv1/kernel`. Trees are handed in and handed back, never changed in place.
 */
export type Tree = Readonly<Record<string, Tensor>>;

/** What a module starts with: trainable parameters, and state that a forward pass may replace (batch-norm statistics). */
export interface Variables {
  readonly params: Tree;
  readonly state: Tree;
}

/** Several trees by name: the inputs or outputs of a program. */
export type Bundle = Readonly<Record<string, Tree>>;

/** JSON data, as stored in configs, checkpoints and run folders. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
