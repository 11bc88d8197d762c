import { definePiece } from '@equimodal/core';
import { z } from 'zod';

const inUnit = z.number().min(0).max(1);

/** alpha(t) = to + (from - to) (1 + cos(pi t / (T - 1))) / 2 in epoch t of T. */
export const cosine = definePiece({
  kind: 'alpha-scheduler',
  id: 'cosine',
  description: 'Half a cosine from one value to another',
  facts: {},
  options: z.object({ from: inUnit.default(1), to: inUnit.default(0) }),
  create: ({ from, to }) => ({
    initial: from,
    update: ({ epoch, epochs }) => ({ alpha: to + ((from - to) * (1 + Math.cos((Math.PI * epoch) / Math.max(1, epochs - 1)))) / 2 }),
  }),
});
