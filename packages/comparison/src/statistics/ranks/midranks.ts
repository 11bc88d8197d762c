/**
 * Ranks from 1, the smallest first; equal values share the mean of their places. Values within `tolerance` of their neighbour
 * are equal.
 */
export function midranks(values: readonly number[], tolerance = 0): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!]! - values[order[to - 1]!]! <= tolerance) to++;
    // Places from + 1 to `to` share their mean.
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Sizes of the groups of equal ranks that have more than one member. */
export function tieSizes(ranks: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const rank of ranks) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  return [...counts.values()].filter((count) => count > 1);
}
