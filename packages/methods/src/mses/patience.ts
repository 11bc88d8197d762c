/** Weight of the loss of the epoch before in the smoothed loss. */
const BEFORE = 0.6;

/** The watch over one modality's validation loss. Plain data. */
export interface Watch {
  /** Loss of the last epoch, unsmoothed. */
  readonly last: number | null;
  readonly best: number;
  /** Epoch of the best smoothed loss, from 0. */
  readonly bestEpoch: number;
}

export const UNWATCHED: Watch = { last: null, best: Infinity, bestEpoch: -1 };

/**
 * One epoch further: the loss is smoothed over two epochs (0.6 of the one before, 0.4 of this one; no running mean), and the best is kept.
 *
 * @returns whether this epoch is the best, and whether the best lies more than `patience` epochs back
 */
export function watched(
  { last, best, bestEpoch }: Watch,
  loss: number,
  epoch: number,
  patience: number,
): { watch: Watch; improved: boolean; exhausted: boolean } {
  const smooth = last === null ? loss : BEFORE * last + (1 - BEFORE) * loss;
  const improved = smooth < best;
  const watch: Watch = { last: loss, best: improved ? smooth : best, bestEpoch: improved ? epoch : bestEpoch };
  return { watch, improved, exhausted: epoch - watch.bestEpoch > patience };
}
