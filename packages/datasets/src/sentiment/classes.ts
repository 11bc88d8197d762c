import { EquimodalError } from '@equimodal/core';

/** Classes that files give by number alone: 0 up to the largest label, two at least. */
export function numberedClasses(splits: readonly Int32Array[]): string[] {
  const most = splits.reduce((largest, labels) => labels.reduce((a, b) => Math.max(a, b), largest), 1);
  return Array.from({ length: most + 1 }, (_, label) => String(label));
}

/** @throws EQM_DATA_SPLIT when a class has no training row. */
export function requireEveryClass(classes: readonly string[], training: Int32Array, where: string): void {
  const seen = new Set(training);
  const absent = classes.filter((_, label) => !seen.has(label));
  if (absent.length > 0) throw new EquimodalError('EQM_DATA_SPLIT', `no training row has class ${absent.join(', ')}`, { where });
}
