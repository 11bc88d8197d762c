import type { Tensor } from '@tensorflow/tfjs-core';
import { choiceOf, definePiece, PIECES, type Encoder, type Scope } from '@equimodal/core';
import { mergeVariables } from '@equimodal/nn';
import { z } from 'zod';

/**
 * Another encoder, never trained: applied as in evaluation (running statistics, no dropout) in training passes too.
 *
 * All variables of the encoder inside are state, under the same paths, so no optimizer sees them. In a run the features are
 * computed once per sample, before training, and the encoder takes no part in a step.
 *
 * @throws what the encoder inside throws; EQM_PLUGIN_FAULT if a parameter and a state of it share a path.
 */
export const frozen = definePiece({
  kind: 'encoder',
  id: 'frozen',
  description: 'Another encoder, never trained: its features are computed once per sample and kept for later runs.',
  facts: { note: 'weights of the encoder inside are not in checkpoints; a modality with augmentation is encoded in every step' },
  options: z.strictObject({
    encoder: choiceOf('encoder').describe('the encoder inside, with its options and, as a rule, `pretrained`'),
    cache: z.boolean().default(true).describe('keep the features on disk, for later runs on the same data with the same weights'),
  }),
  create({ encoder, cache }, context, resolver): Encoder {
    const inside = resolver.resolve(PIECES).make('encoder', encoder, context);
    return {
      featureSize: inside.featureSize,
      ...(inside.names === undefined ? {} : { names: inside.names }),
      frozen: { cache },
      init(random) {
        const { params, state } = inside.init(random);
        return mergeVariables([
          { params: {}, state: params },
          { params: {}, state },
        ]);
      },
      apply: (scope, input) => inside.apply(new InferenceScope(scope), input),
    };
  },
});

/** A scope in which parameters are state, and every pass is one of evaluation. */
class InferenceScope implements Scope {
  readonly training = false;

  constructor(private readonly around: Scope) {}

  get path(): string {
    return this.around.path;
  }
  get random(): Scope['random'] {
    return this.around.random;
  }

  at(name: string | number): Scope {
    return new InferenceScope(this.around.at(name));
  }

  param(name: string): Tensor {
    return this.around.state(name);
  }

  hasParam(name: string): boolean {
    try {
      return this.around.state(name) !== undefined;
    } catch {
      return false;
    }
  }

  state(name: string): Tensor {
    return this.around.state(name);
  }

  /** Nothing changes. */
  setState(): void {}
}
