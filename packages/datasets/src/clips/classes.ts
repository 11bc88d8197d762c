import { EquimodalError } from '@equimodal/core';

export type ClassOrder = 'fixed' | 'sorted' | 'first-appearance';

export interface Classes {
  readonly names: readonly string[];
  /** Number of a class; undefined for one that training lacks. */
  index(label: string): number | undefined;
}

/**
 * The classes of a dataset.
 *
 * @param training labels of the training rows, in the order of the list, those that are left out excluded.
 * @param fixed the whole list, for `fixed`.
 * @throws EQM_DATA_SPLIT when a fixed class has no training row, or when there are fewer than two classes.
 */
export function orderClasses(order: ClassOrder, training: readonly string[], fixed: readonly string[] = []): Classes {
  const seen = [...new Set(training)];
  const names = order === 'fixed' ? fixed : order === 'sorted' ? [...seen].sort() : seen;
  const absent = names.filter((name) => !seen.includes(name));
  if (absent.length > 0) {
    throw new EquimodalError('EQM_DATA_SPLIT', `no training row has class ${absent.slice(0, 10).join(', ')}`, {
      fix: 'Complete the files, or set `classes: sorted`, which takes the classes that are there.',
    });
  }
  if (names.length < 2) throw new EquimodalError('EQM_DATA_SPLIT', `the training rows have ${names.length} classes`);
  const numbers = new Map(names.map((name, number) => [name, number]));
  return { names, index: (label) => numbers.get(label) };
}
