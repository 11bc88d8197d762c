import type { Facts, Kind, ModalitySpec } from '@equimodal/core';

/** What a piece is tried with, beyond its defaults. Keyed `kind:id` in the kit's options. */
export interface PieceCase {
  /** Options, when the defaults do not work or are slow. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Encoders: the input it is tried on. */
  readonly modality?: ModalitySpec;
  /** Methods: fusion to train with, when `concat` is not among its fusions. */
  readonly fusion?: string;
  /** Methods: the fewest epochs of a run, for one that works in phases; to learn the toy problem it has twice as many, 8 at least. */
  readonly epochs?: number;
  /** Why this piece cannot be tried here (needs files, needs a GPU): shown, counted as skipped. */
  readonly skip?: string;
}

export type Cases = Readonly<Partial<Record<`${Kind}:${string}`, PieceCase>>>;

/** Modality counts to try: those the facts allow among 1, 2, 3 and 6. */
export function modalityCounts(facts: Facts): number[] {
  const { min = 1, max = Infinity } = facts.modalities ?? {};
  return [1, 2, 3, 6].filter((count) => count >= min && count <= max);
}

/** The number of modalities that checks take which cost most: the others take the same ops, fewer or more of them. */
export function usualCount(facts: Facts): number {
  const counts = modalityCounts(facts);
  return counts.findLast((count) => count <= 3) ?? counts[0]!;
}

/** Names of n modalities, up to six. */
export function modalityNames(count: number): string[] {
  return ['audio', 'image', 'text', 'depth', 'flow', 'touch'].slice(0, count);
}
