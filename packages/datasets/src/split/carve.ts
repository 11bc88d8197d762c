import { chooseRows, EquimodalError, type RandomStream } from '@equimodal/core';

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
  const chosen = chooseRows(labels, { fraction, random, stratified, groups });
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
