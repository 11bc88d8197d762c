import { EquimodalError, type RandomStream } from '@equimodal/core';

/** How validation rows are chosen: by row (each class gives the same share) or by whole groups (videos, speakers). */
export interface CarveOptions {
  /** Share of the rows that validation gets, in (0, 1). */
  readonly fraction: number;
  readonly random: RandomStream;
  /** By row: every class gives the same share. Default true. */
  readonly stratified?: boolean;
  /** Group of each row; where given, no group is on both sides. */
  readonly groups?: readonly string[];
}

/** Row numbers of both parts, ascending and disjoint. */
export interface Carved {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * Cuts validation rows off a training split.
 *
 * @throws EQM_DATA_SPLIT when either part would be empty, or when groups and labels differ in number.
 */
export function carveValidation(labels: Int32Array, { fraction, random, stratified = true, groups }: CarveOptions): Carved {
  if (!(fraction > 0 && fraction < 1))
    throw new EquimodalError('EQM_DATA_SPLIT', `the validation fraction must be between 0 and 1, got ${fraction}`);
  if (groups !== undefined && groups.length !== labels.length) {
    throw new EquimodalError('EQM_DATA_SPLIT', `there are ${groups.length} groups for ${labels.length} rows`);
  }
  const chosen = groups !== undefined ? byGroup(groups, fraction, random) : byRow(labels, fraction, random, stratified);
  const train = new Int32Array(labels.length - chosen.size);
  const validation = new Int32Array(chosen.size);
  let t = 0;
  let v = 0;
  for (let row = 0; row < labels.length; row++) {
    if (chosen.has(row)) validation[v++] = row;
    else train[t++] = row;
  }
  if (t === 0 || v === 0) {
    throw new EquimodalError('EQM_DATA_SPLIT', `a validation share of ${fraction} leaves ${t} training and ${v} validation rows`, {
      fix: 'Choose another fraction; with groups there must be at least two of them.',
    });
  }
  return { train, validation };
}

function byRow(labels: Int32Array, fraction: number, random: RandomStream, stratified: boolean): Set<number> {
  const strata = new Map<number, number[]>();
  for (const row of random.permutation(labels.length)) {
    const stratum = stratified ? labels[row]! : 0;
    const rows = strata.get(stratum);
    if (rows === undefined) strata.set(stratum, [row]);
    else rows.push(row);
  }
  const chosen = new Set<number>();
  for (const rows of strata.values()) {
    const count = rows.length < 2 ? 0 : Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)));
    for (const row of rows.slice(0, count)) chosen.add(row);
  }
  return chosen;
}

/** Takes groups in random order while they bring the count nearer to the wanted one. */
function byGroup(groups: readonly string[], fraction: number, random: RandomStream): Set<number> {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows === undefined) members.set(group, [row]);
    else rows.push(row);
  });
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
