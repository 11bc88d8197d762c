import { definePiece, type Json, type LossTerm, type Method, type MethodContext } from '@equimodal/core';
import { modalityOf } from '@equimodal/nn';
import { mapTree } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { unimodalTerm, withUnimodalTerms } from '../own-heads/own-heads.js';
import { readOut } from '../read-out/read-out.js';
import { UNWATCHED, watched, type Watch } from './patience.js';

const WHERE = 'method "mses"';

export interface MsesOptions {
  /** Epochs without a better validation loss after which a modality stops. */
  readonly patience: number;
  /** `multitask`: fused loss plus unimodal losses; a modality that stops is frozen at its best. `released`: see the README. */
  readonly form: 'multitask' | 'released';
}

/**
 * Modality-specific early stopping: when the validation loss of a modality has not improved for `patience` epochs, encoder and head of
 * that modality go back to their best epoch and stay there; the others train on. When all have stopped the run ends.
 *
 * The phase names who has stopped, as `stopped audio+text`.
 */
export function mses({ patience, form }: MsesOptions, { modalities }: MethodContext): Method {
  let watches: Record<string, Watch> = Object.fromEntries(modalities.map((name) => [name, UNWATCHED]));
  let stopped: string[] = [];
  const owner = (path: string): string | undefined => modalityOf(path) ?? /^fusion\/heads\/([^/]+)\//.exec(path)?.[1];
  const phaseOf = (names: readonly string[]): string => (names.length === 0 ? '' : `stopped ${names.join('+')}`);
  const isStopped = (phase: string, path: string): boolean => {
    const modality = owner(path);
    return modality !== undefined && phase.startsWith('stopped ') && phase.slice(8).split('+').includes(modality);
  };
  const multitask: Pick<Method, 'losses' | 'update'> = {
    losses: ({ fused, terms, classification }) =>
      withUnimodalTerms(
        terms,
        modalities.map((name): LossTerm => ({
          name: unimodalTerm(name),
          kind: 'classification',
          value: classification(readOut(fused, name, WHERE)),
          weight: 1,
        })),
      ),
    update: ({ phase }) => (phase === '' ? undefined : { frozen: (path) => isStopped(phase, path) }),
  };
  const released: Pick<Method, 'gradients'> = {
    gradients: ({ phase, gradients }) =>
      phase === '' ? undefined : mapTree(gradients, (leaf, path) => (isStopped(phase, path) ? tf.zerosLike(leaf) : leaf)),
  };
  return {
    ...(form === 'multitask' ? multitask : released),
    epochEnd({ epoch, validation, snapshot, restore }) {
      if (validation === null) return undefined;
      for (const name of modalities) {
        if (stopped.includes(name)) continue;
        const { watch, improved, exhausted } = watched(watches[name]!, validation.perModality[name]?.['loss'] ?? Infinity, epoch, patience);
        watches = { ...watches, [name]: watch };
        if (improved) snapshot(`best/${name}`);
        if (!exhausted) continue;
        stopped = [...stopped, name];
        restore(`best/${name}`, form === 'multitask' ? { paths: (path) => owner(path) === name } : {});
      }
      const phase = phaseOf(stopped);
      return stopped.length === modalities.length ? { phase, stop: 'every modality has stopped early' } : { phase };
    },
    state: () => ({
      watches: Object.entries(watches).map(([name, watch]) => [name, watch.last, watch.bestEpoch, finite(watch.best)]),
      stopped,
    }),
    restore(state) {
      const { watches: saved, stopped: names } = state as unknown as Saved;
      watches = Object.fromEntries(saved.map(([name, last, bestEpoch, best]) => [name, { last, bestEpoch, best: best ?? Infinity }]));
      stopped = [...names];
    },
  };
}

interface Saved {
  readonly watches: readonly (readonly [string, number | null, number, number | null])[];
  readonly stopped: readonly string[];
}
/** JSON knows no infinity. */
const finite = (value: number): Json => (Number.isFinite(value) ? value : null);

/** The method `mses`. */
export const msesMethod = definePiece({
  kind: 'method',
  id: 'mses',
  description: 'Stops each modality by itself, at its best validation loss, while the others train on',
  facts: {
    modalities: { min: 2 },
    fusions: ['sum', 'mean'],
    needs: ['validation'],
    claims: ['objective'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'Modality-Specific Learning Rate Control for Multimodal Classification',
      venue: 'ACPR 2019',
      url: 'https://openreview.net/forum?id=On2HBy27Y5a',
    },
    note: 'Follows the abstract; criterion and smoothing are those of a public re-implementation.',
  },
  options: z.object({
    patience: z.int().min(0).default(10).describe('Epochs without a better validation loss after which a modality stops'),
    form: z
      .enum(['multitask', 'released'])
      .default('multitask')
      .describe(
        'Fused and unimodal losses with a real freeze; or as re-implemented: fused loss alone, gradients zeroed, everything rewound',
      ),
  }),
  create: mses,
});
