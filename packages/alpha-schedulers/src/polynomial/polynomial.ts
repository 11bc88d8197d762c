import { definePiece, EquimodalError } from '@equimodal/core';
import { z } from 'zod';

/** A polynomial in the epoch, lowest power first, and how many epochs it was fitted over. */
interface Fit {
  readonly coefficients: readonly number[];
  readonly length: number;
}

/** Published fits, both as alpha. */
export const FITS = {
  /** The paper's, for KineticsSounds. */
  cubic: { coefficients: [1, 3.2e-2, -6.5e-3, 1.5e-4], length: 30 },
  /** The released code's, for CREMA-D. There it is the weight of the classification loss; this is one minus that. */
  'degree-5': { coefficients: [1 - 0.20462, -3.3547e-3, -1.2299e-4, 2.9295e-6, -2.2384e-8, 5.3972e-11], length: 200 },
} as const satisfies Readonly<Record<string, Fit>>;

/** Value of a polynomial, lowest power first. */
export const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduceRight((sum, c) => sum * x + c, 0);

const options = z.object({
  fit: z
    .enum(['cubic', 'degree-5'])
    .default('cubic')
    .describe('published fit: the cubic of the paper (KineticsSounds, 30 epochs) or that of the released code (CREMA-D, 200 epochs)'),
  coefficients: z
    .array(z.number())
    .min(1)
    .nullable()
    .default(null)
    .describe('own polynomial in the epoch, lowest power first, in place of a fit'),
  length: z.int().positive().nullable().default(null).describe('epochs that own coefficients span; needed to stretch them'),
  stretch: z.boolean().default(true).describe('the span of the fit is brought to the length of the run; false: the epoch counts as it is'),
  min: z.number().min(0).max(1).default(0).describe('lower bound of alpha'),
  max: z.number().min(0).max(1).default(1).describe('upper bound of alpha'),
});

/**
 * alpha as a polynomial in the epoch, brought into [min, max].
 *
 * Source: LFM (NeurIPS 2024), the cubic fitted to the learned curve of KineticsSounds; its released code, the polynomial of degree 5.
 *
 * @throws EQM_CONFIG_INVALID when own coefficients are to be stretched and their span is not given.
 */
export const polynomialAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'polynomial',
  description: 'alpha as a polynomial in the epoch: a published fit of a learned curve, or your own',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    note: 'a published fit was made from a curve learned on that dataset, which somebody had to learn first',
  },
  options: options.refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' }),
  create({ fit, coefficients, length, stretch, min, max }, { epochs }) {
    if (coefficients !== null && length === null && stretch) {
      throw new EquimodalError('EQM_CONFIG_INVALID', 'own coefficients have no span that could be stretched to the run', {
        where: 'alpha.length',
        fix: 'Set "length" to the epochs they span, or "stretch: false".',
      });
    }
    const chosen: Fit = coefficients === null ? FITS[fit] : { coefficients, length: length ?? epochs };
    const scale = stretch && epochs > 1 ? (chosen.length - 1) / (epochs - 1) : 1;
    const at = (epoch: number): number => Math.min(max, Math.max(min, polynomial(chosen.coefficients, scale * epoch)));
    return { initial: at(0), update: ({ epoch }) => ({ alpha: at(epoch) }) };
  },
});
