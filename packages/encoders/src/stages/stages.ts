import type { Encoder, Stages } from '@equimodal/core';

/** An encoder's `stages`, and the `apply` that runs them one after another. */
export function staged(stages: Stages): Required<Pick<Encoder, 'apply' | 'stages'>> {
  return {
    stages,
    apply(scope, input) {
      const maps = stages.channels.reduce((x, _, i) => stages.run(scope, i + 1, x), input);
      return { features: stages.end(scope, maps) };
    },
  };
}
