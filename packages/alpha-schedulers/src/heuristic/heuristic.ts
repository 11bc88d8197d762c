import { definePiece } from '@equimodal/core';
import { z } from 'zod';

/** 1 - e^(-1/t) with its limit 1 at t = 0. */
export function heuristicCurve(epoch: number): number {
  return epoch <= 0 ? 1 : 1 - Math.exp(-1 / epoch);
}

/**
 * The heuristic of the paper ("Ours-H"): alpha_t = 1 - e^(-1/t), t the epoch counted from 0, alpha_0 = 1.
 *
 * Source: LFM (NeurIPS 2024), section on the heuristic strategy; counting from 0 is what its Figure 3 shows.
 */
export const heuristicAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'heuristic',
  description: 'alpha = 1 - e^(-1/epoch), from 1 downwards (LFM "Ours-H")',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    note: 'the curve depends on the epoch alone, not on the number of epochs',
  },
  options: z.object({}),
  create: () => ({ initial: 1, update: ({ epoch }) => ({ alpha: heuristicCurve(epoch) }) }),
});
