/** What one pass over the rows gives; both are written in place. */
export interface RowOutputs {
  /** [batch] */
  readonly losses: Float32Array;
  /** [batch, classes]: softmax - target. */
  readonly slope: Float32Array;
}

/**
 * Cross entropy of each row of logits [batch, classes] and its gradient, as one loop in double precision:
 * loss = log sum e^x - sum target x, gradient = softmax(x) - target.
 *
 * @param smoothing the target is (1 - smoothing) one-hot + smoothing / classes.
 * @returns the first label that is no class, or undefined.
 */
export function crossEntropyOfRows(
  logits: Float32Array,
  labels: Int32Array,
  smoothing: number,
  { losses, slope }: RowOutputs,
): number | undefined {
  const classes = logits.length / labels.length;
  const share = smoothing / classes;
  for (let row = 0, from = 0; row < labels.length; row++, from += classes) {
    const label = labels[row]!;
    if (label < 0 || label >= classes) return label;
    let largest = -Infinity;
    for (let i = from; i < from + classes; i++) if (logits[i]! > largest) largest = logits[i]!;
    let total = 0;
    let shifted = 0;
    for (let i = from; i < from + classes; i++) {
      const x = logits[i]! - largest;
      total += Math.exp(x);
      shifted += x;
    }
    losses[row] = Math.log(total) - (1 - smoothing) * (logits[from + label]! - largest) - share * shifted;
    for (let i = from; i < from + classes; i++) slope[i] = Math.exp(logits[i]! - largest) / total - share;
    slope[from + label]! -= 1 - smoothing;
  }
  return undefined;
}
