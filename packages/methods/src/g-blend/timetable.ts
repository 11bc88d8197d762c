/** What the epochs of a run are for. */
export interface Timetable {
  /** How many heads there are to estimate. */
  readonly heads: number;
  /** Epochs that each head is trained alone. */
  readonly estimate: number;
  /** Epochs of blended training after each round of estimates; null: all that are left (offline). */
  readonly superEpoch: number | null;
}

export type Slot =
  { readonly kind: 'estimate'; readonly head: number; readonly first: boolean; readonly last: boolean } | { readonly kind: 'blend' };

/** What an epoch is for, counted from 0. */
export function slotAt(epoch: number, { heads, estimate, superEpoch }: Timetable): Slot {
  const round = heads * estimate;
  const within = superEpoch === null ? epoch : epoch % (round + superEpoch);
  if (within >= round) return { kind: 'blend' };
  const at = within % estimate;
  return { kind: 'estimate', head: Math.floor(within / estimate), first: at === 0, last: at === estimate - 1 };
}
