import { EquimodalError } from '@equimodal/core';
import type { ModalityRows } from '../split/in-memory.js';
import { SPLITS, type RawSplit, type SplitName } from './labels.js';
import { applyScaling, fitScaling, treatNonFinite, type ScalingKind } from './standardize.js';

export interface ScaleOptions {
  /** Training rows that a scaling is fitted on. */
  readonly fitRows: Int32Array;
  readonly standardize: ScalingKind;
  readonly nonFinite: 'error' | 'zero';
  /** Fit every split on its own rows, as some released code does. Default false. */
  readonly eachSplit?: boolean;
}

/**
 * Float32 rows of every split, scaled by the training rows.
 *
 * @throws EQM_DATA_MALFORMED for values that are not finite, and where splits have unequal columns.
 */
export function scaleSplits(
  raw: Partial<Record<SplitName, RawSplit>>,
  names: readonly string[],
  { fitRows, standardize, nonFinite, eachSplit = false }: ScaleOptions,
): { readonly rows: Partial<Record<SplitName, Record<string, ModalityRows>>>; readonly notes: readonly string[] } {
  const rows: Partial<Record<SplitName, Record<string, ModalityRows>>> = {};
  const notes: string[] = [];
  for (const name of names) {
    let replaced = 0;
    for (const split of SPLITS) {
      const table = raw[split]?.tables[name];
      if (table !== undefined) replaced += treatNonFinite(table, nonFinite);
    }
    if (replaced > 0) notes.push(`${replaced} values of "${name}" were not finite and are zero`);
    const training = raw.train!.tables[name]!;
    const scaling = fitScaling(training, fitRows, standardize);
    for (const split of SPLITS) {
      const table = raw[split]?.tables[name];
      if (table === undefined) continue;
      if (table.columns !== training.columns) {
        throw new EquimodalError(
          'EQM_DATA_MALFORMED',
          `unequal columns of "${name}": ${training.columns} in ${training.file}, ${table.columns} in ${table.file}`,
          { where: table.file },
        );
      }
      const own = eachSplit && split !== 'train';
      const fitted = own
        ? fitScaling(
            table,
            Int32Array.from({ length: table.rows }, (_, row) => row),
            standardize,
          )
        : scaling;
      (rows[split] ??= {})[name] = { data: applyScaling(table, fitted), rowSize: table.columns };
    }
  }
  return { rows, notes };
}
