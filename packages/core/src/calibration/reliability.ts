/** Predictions in bins of equal width over their confidence, (k / B, (k + 1) / B], the first with 0; arrays of length B. */
export interface ReliabilityBins {
  /** Predictions in the bin. */
  readonly count: readonly number[];
  /** How many of them were right. */
  readonly correct: readonly number[];
  /** Sum of their confidences: the mean is `confidence / count`. */
  readonly confidence: readonly number[];
}

/**
 * Sorts predictions into bins by their confidence, the probability of the predicted class.
 *
 * @param confidence in [0, 1]; beyond it by rounding counts to the bin at that end
 * @param right whether the prediction at that index is right
 * @param bins number of bins, 1 or more
 */
export function reliabilityBins(confidence: ArrayLike<number>, right: (index: number) => boolean, bins: number): ReliabilityBins {
  const out = { count: zeros(bins), correct: zeros(bins), confidence: zeros(bins) };
  for (let i = 0; i < confidence.length; i++) {
    const at = binOf(confidence[i]!, bins);
    out.count[at]! += 1;
    out.confidence[at]! += confidence[i]!;
    if (right(i)) out.correct[at]! += 1;
  }
  return out;
}

/** The bins of several sets of predictions taken together. All have the same number of bins. */
export function pooledBins(sets: readonly ReliabilityBins[]): ReliabilityBins {
  const sum = (key: keyof ReliabilityBins): number[] =>
    (sets[0]?.[key] ?? []).map((_, k) => sets.reduce((total, set) => total + set[key][k]!, 0));
  return { count: sum('count'), correct: sum('correct'), confidence: sum('confidence') };
}

/**
 * Expected calibration error, sum_k n_k / n |accuracy_k - confidence_k|, in [0, 1]; NaN of no predictions.
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
 */
export function calibrationError({ count, correct, confidence }: ReliabilityBins): number {
  const total = count.reduce((sum, n) => sum + n, 0);
  return correct.reduce((sum, hits, k) => sum + Math.abs(hits - confidence[k]!), 0) / total;
}

const zeros = (length: number): number[] => new Array<number>(length).fill(0);

/** The bin whose edges, as the floating-point numbers k / B, hold the value. */
function binOf(value: number, bins: number): number {
  let at = Math.min(bins - 1, Math.max(0, Math.ceil(value * bins) - 1));
  if (at > 0 && value <= at / bins) at--;
  if (at < bins - 1 && value > (at + 1) / bins) at++;
  return at;
}
