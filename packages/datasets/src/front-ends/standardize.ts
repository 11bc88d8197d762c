/** Mean and standard deviation over all values; a constant array has deviation 1. */
export function meanAndDeviation(values: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / Math.max(1, values.length);
  let square = 0;
  for (const value of values) square += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(square / Math.max(1, values.length)) || 1 };
}

/** Subtracts the mean of `reference` (the training rows) from every array and divides by its deviation, in place. */
export function standardizeAll(reference: Float32Array, arrays: readonly Float32Array[]): void {
  const { mean, deviation } = meanAndDeviation(reference);
  for (const array of arrays) for (let i = 0; i < array.length; i++) array[i] = (array[i]! - mean) / deviation;
}
