import type { RowNames } from '../contracts/dataset.js';
import { EquimodalError } from '../errors/errors.js';

/** The names of some rows. */
export function pickNames({ groups, ids }: RowNames, rows: Int32Array): RowNames {
  const pick = (list: readonly string[] | undefined) => (list === undefined ? undefined : Array.from(rows, (row) => list[row]!));
  return { groups: pick(groups), ids: pick(ids) };
}

/** @throws EQM_DATA_SPLIT when there are names for another number of rows. */
export function checkNames({ groups, ids }: RowNames, size: number): void {
  for (const [what, list] of Object.entries({ groups, ids })) {
    if (list !== undefined && list.length !== size)
      throw new EquimodalError('EQM_DATA_SPLIT', `there are ${list.length} ${what} for ${size} rows`);
  }
}
