/**
 * P values adjusted for making several comparisons at once, in the order given: the k-th smallest of n is
 * multiplied by n - k + 1, then made non-decreasing and cut at 1.
 *
 * Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let floor = 0;
  order.forEach(({ p, i }, k) => {
    floor = Math.max(floor, Math.min(1, p * (pValues.length - k)));
    adjusted[i] = floor;
  });
  return adjusted;
}
