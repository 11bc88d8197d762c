import { definePiece, EquimodalError, type Json, type Method, type MethodContext } from '@equimodal/core';
import { modalityOf } from '@equimodal/nn';
import { z } from 'zod';
import { controlOf, endsAfterStart, isOpen, windowOptions, type Window } from '../window/window.js';
import { cumulativeRate, dynamicRate, type ModalityRate, UNTOUCHED } from './rates.js';

const WHERE = 'method "mslr"';

export interface MslrOptions extends Window {
  readonly form: 'dynamic' | 'cumulative' | 'keep';
  /** Constant factor on the learning rate by modality. Absent: 1. */
  readonly rates: Readonly<Record<string, number>>;
}

/**
 * Modality-specific learning rates in an additive late fusion: encoder and head of a modality learn at its own rate, a constant times,
 * in the forms that adapt, a factor of its validation accuracy (see `dynamicRate`, `cumulativeRate`). It is a learning rate and no
 * factor on gradients, so it works with any optimizer and scales weight decay along.
 *
 * The control `rate/<modality>` holds what applies in an epoch; outside the window it is 1.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when `rates` names a modality that the run does not have.
 */
export function mslr({ form, rates, ...window }: MslrOptions, { modalities }: MethodContext): Method {
  for (const name of Object.keys(rates)) {
    if (modalities.includes(name)) continue;
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `"rates" names "${name}", and there is no such modality`, {
      where: WHERE,
      fix: `Modalities of this run: ${modalities.join(', ')}.`,
    });
  }
  let remembered: Record<string, ModalityRate> = Object.fromEntries(modalities.map((name) => [name, UNTOUCHED]));
  const controlsAt = (epoch: number): Record<string, number> =>
    Object.fromEntries(
      modalities.map((name) => [`rate/${name}`, isOpen(window, epoch) ? (rates[name] ?? 1) * remembered[name]!.factor : 1]),
    );
  const owner = (path: string): string | undefined => modalityOf(path) ?? /^fusion\/heads\/([^/]+)\//.exec(path)?.[1];
  return {
    controls: controlsAt(0),
    epochStart: ({ epoch }) => ({ controls: controlsAt(epoch) }),
    update: (context) => ({
      rate(path) {
        const modality = owner(path);
        return modality === undefined || !modalities.includes(modality) ? 1 : controlOf(context, `rate/${modality}`, WHERE);
      },
    }),
    epochEnd({ epoch, validation }) {
      if (form === 'keep' || validation === null) return undefined;
      const next = form === 'dynamic' ? dynamicRate : cumulativeRate;
      remembered = Object.fromEntries(
        modalities.map((name) => [name, next(remembered[name]!, validation.perModality[name]?.['accuracy'] ?? 0, epoch)]),
      );
      return undefined;
    },
    state: () => remembered as unknown as Json,
    restore: (state) => void (remembered = state as unknown as Record<string, ModalityRate>),
  };
}

/** The method `mslr`. */
export const mslrMethod = definePiece({
  kind: 'method',
  id: 'mslr',
  description: 'Every modality learns at its own rate, which may follow its validation accuracy',
  facts: {
    modalities: { min: 2 },
    fusions: ['sum', 'mean'],
    needs: ['validation'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'Modality-specific Learning Rates for Effective Multimodal Additive Late-fusion',
      venue: 'Findings of ACL 2022',
      url: 'https://aclanthology.org/2022.findings-acl.143',
    },
    note: 'The rules are those of public re-implementations; a third strategy of the paper could not be found.',
  },
  options: z
    .object({
      form: z
        .enum(['dynamic', 'cumulative', 'keep'])
        .default('dynamic')
        .describe('Rate by the accuracy over its recent mean; the same, multiplied up every five epochs; or the constants alone'),
      rates: z.record(z.string(), z.number().positive()).default({}).describe('Constant factor on the learning rate by modality'),
      ...windowOptions,
    })
    .refine(...endsAfterStart),
  create: mslr,
});
