/** Losses of one head at both ends of its estimation. */
export interface HeadLosses {
  readonly trainStart: number;
  readonly validationStart: number;
  readonly trainEnd: number;
  readonly validationEnd: number;
}

/** Change of the overfitting O = V - T below which it counts as this much. */
const SMALLEST_CHANGE = 1e-3;

/** How much overfitting grew (dO) and validation improved (dG) over an estimation. */
export function overfitting({ trainStart, validationStart, trainEnd, validationEnd }: HeadLosses): { dO: number; dG: number } {
  return { dO: validationEnd - trainEnd - (validationStart - trainStart), dG: validationStart - validationEnd };
}

/** Overfitting-to-generalisation ratio |dO / dG|. */
export function overfittingRatio(losses: HeadLosses): number {
  const { dO, dG } = overfitting(losses);
  return Math.abs(dO / dG);
}

/**
 * Weights of the heads, dG / dO^2 over their sum. A head whose validation loss did not fall gets none; if that is every head, all are alike.
 */
export function blendWeights(heads: readonly HeadLosses[]): number[] {
  const shares = heads.map((losses) => {
    const { dO, dG } = overfitting(losses);
    return Math.max(0, dG) / Math.max(dO ** 2, SMALLEST_CHANGE ** 2);
  });
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => (total > 0 ? share / total : 1 / heads.length));
}
