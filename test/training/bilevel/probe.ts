import {
  CONTRACT_VERSION,
  definePiece,
  definePlugin,
  type AlphaMoment,
  type BilevelProblem,
  type Host,
  type OuterData,
} from '@equimodal/core';
import { z } from 'zod';
import { hostWith } from '../support.js';

export interface Probe {
  readonly alpha: number;
  /** Default: the training split inside and outside. */
  readonly outer?: Partial<OuterData>;
  /** Asked at global step 0 and each k steps. Default: at the start of each epoch. */
  readonly everySteps?: number;
  look(problem: () => BilevelProblem, moment: AlphaMoment): void;
}

/** More rows than any of these data have: a batch is the whole split, in its order. */
export const ALL = 1_000_000;

/** A host with an alpha scheduler `probe` that leaves alpha where it is and is shown the bilevel problem of the run. */
export function hostWithProbe({ alpha, outer, everySteps, look }: Probe, host: Host = hostWith()): Host {
  host.add(
    definePlugin({
      name: 'test-probe',
      contractVersion: CONTRACT_VERSION,
      provides: [
        definePiece({
          kind: 'alpha-scheduler',
          id: 'probe',
          description: 'looks at the bilevel problem',
          facts: { needs: ['outer-data'] },
          options: z.object({}),
          create: () => ({
            initial: alpha,
            outer: { from: 'train', fraction: 0, batchSize: ALL, innerBatchSize: ALL, ...outer },
            ...(everySteps === undefined ? {} : { everySteps }),
            update(moment: AlphaMoment, problem: () => BilevelProblem) {
              look(problem, moment);
              return { alpha };
            },
          }),
        }),
      ],
    }),
  );
  return host;
}
