import type { RandomStream } from '../random/random.js';

/** How rows are parted. */
export interface PartOptions {
  readonly random: RandomStream;
  /** Group of each row (speaker, video): where given, no group is on both sides. */
  readonly groups?: readonly string[] | undefined;
  /** Without groups: every class gives the same share. Default true. */
  readonly stratified?: boolean;
}

/**
 * Chooses about `fraction` of the rows: of every class the same share (rounded; at least one row where it has two, never all), or
 * whole groups in random order while they bring the number nearer to the wanted one. Fewer than two groups: none.
 *
 * @param labels class of each row
 */
export function chooseRows(
  labels: Int32Array,
  { fraction, random, groups, stratified = true }: PartOptions & { readonly fraction: number },
): Set<number> {
  return groups === undefined ? byRow(labels, fraction, random, stratified) : byGroup(groups, fraction, random);
}

/**
 * Parts rows into folds: number of the fold (from 0) of each row. By row, every class is dealt out evenly and folds differ by at most one
 * row a class. With groups, the largest group first, each goes whole to the fold where it adds least to the sum over folds f and classes c of
 * (n_fc / N_c)^2; as many folds as groups give one group each.
 *
 * @param labels class of each row
 */
export function foldRows(
  labels: Int32Array,
  { folds, random, groups, stratified = true }: PartOptions & { readonly folds: number },
): Int32Array {
  const fold = new Int32Array(labels.length);
  if (groups === undefined) {
    let next = 0;
    for (const rows of strataOf(labels, random, stratified).values()) for (const row of rows) fold[row] = next++ % folds;
    return fold;
  }
  const totals = countsOf(labels, labels.keys());
  const members = membersOf(groups);
  const names = [...members.keys()];
  const shuffled = Array.from(random.permutation(names.length), (place) => members.get(names[place]!)!);
  const counts = Array.from({ length: folds }, () => new Map<number, number>());
  const sizes = new Array<number>(folds).fill(0);
  for (const rows of shuffled.sort((a, b) => b.length - a.length)) {
    const own = countsOf(labels, rows);
    const added = counts.map((have) =>
      [...own].reduce((sum, [label, n]) => sum + (n * (n + 2 * (have.get(label) ?? 0))) / totals.get(label)! ** 2, 0),
    );
    let best = 0;
    for (let f = 1; f < folds; f++) {
      const less = added[f]! - added[best]!;
      if (less < -1e-12 || (less <= 1e-12 && sizes[f]! < sizes[best]!)) best = f;
    }
    for (const row of rows) fold[row] = best;
    for (const [label, n] of own) counts[best]!.set(label, (counts[best]!.get(label) ?? 0) + n);
    sizes[best]! += rows.length;
  }
  return fold;
}

function byRow(labels: Int32Array, fraction: number, random: RandomStream, stratified: boolean): Set<number> {
  const chosen = new Set<number>();
  for (const rows of strataOf(labels, random, stratified).values()) {
    const count = rows.length < 2 ? 0 : Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)));
    for (const row of rows.slice(0, count)) chosen.add(row);
  }
  return chosen;
}

function byGroup(groups: readonly string[], fraction: number, random: RandomStream): Set<number> {
  const members = membersOf(groups);
  const names = [...members.keys()];
  const wanted = groups.length * fraction;
  const chosen = new Set<number>();
  if (names.length < 2) return chosen;
  for (const place of random.permutation(names.length)) {
    const rows = members.get(names[place]!)!;
    const nearer = Math.abs(chosen.size + rows.length - wanted) < Math.abs(chosen.size - wanted);
    if (nearer && chosen.size + rows.length < groups.length) for (const row of rows) chosen.add(row);
  }
  return chosen;
}

/** Rows of every class in random order. */
function strataOf(labels: Int32Array, random: RandomStream, stratified: boolean): Map<number, number[]> {
  const strata = new Map<number, number[]>();
  for (const row of random.permutation(labels.length)) push(strata, stratified ? labels[row]! : 0, row);
  return strata;
}

function membersOf(groups: readonly string[]): Map<string, number[]> {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => push(members, group, row));
  return members;
}

function push<K>(map: Map<K, number[]>, key: K, row: number): void {
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else rows.push(row);
}

function countsOf(labels: Int32Array, rows: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
  return counts;
}
