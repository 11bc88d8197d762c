import { definePiece } from '@equimodal/core';
import { z } from 'zod';

/** e^(-rate epoch), brought into [min, max]. */
export function exponentialCurve(
  epoch: number,
  { rate, min, max }: { readonly rate: number; readonly min: number; readonly max: number },
): number {
  return Math.min(max, Math.max(min, Math.exp(-rate * epoch)));
}

/**
 * Exponential decay: alpha = clip(e^(-rate epoch), min, max), the epoch counted from 0.
 *
 * Source: an early state of the released code of LFM (NeurIPS 2024), whose paper has 1 - e^(-1/t) (`heuristic`).
 */
export const exponentialAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'exponential',
  description: 'alpha = e^(-rate epoch), between two bounds (an early state of the released LFM code)',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    note: 'the curve depends on the epoch alone, not on the number of epochs',
  },
  options: z
    .object({
      rate: z.number().min(0).default(0.3).describe('decay an epoch'),
      min: z.number().min(0).max(1).default(0.05).describe('lower bound of alpha'),
      max: z.number().min(0).max(1).default(0.95).describe('upper bound of alpha'),
    })
    .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' }),
  create: (options) => ({
    initial: exponentialCurve(0, options),
    update: ({ epoch }) => ({ alpha: exponentialCurve(epoch, options) }),
  }),
});
