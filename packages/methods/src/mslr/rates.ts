/** How many accuracies are remembered for each modality. */
export const HISTORY = 5;

export interface ModalityRate {
  /** Accuracies of the last epochs, oldest first. */
  readonly history: readonly number[];
  /** Factor on the constant rate of the modality. */
  readonly factor: number;
}

export const UNTOUCHED: ModalityRate = { history: [], factor: 1 };

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** How an accuracy relates to others; 1 where those are all 0. */
const ratio = (accuracy: number, others: readonly number[]): number => (mean(others) > 0 ? accuracy / mean(others) : 1);

/**
 * `dynamic`: the factor is the accuracy of the last epoch over the mean of the five before; 1 until there are five.
 * Factors do not pile up.
 */
export function dynamicRate({ history }: ModalityRate, accuracy: number): ModalityRate {
  if (history.length < HISTORY) return { history: [...history, accuracy], factor: 1 };
  return { history: [...history.slice(1), accuracy], factor: ratio(accuracy, history) };
}

/** `cumulative`: every fifth epoch the factor is multiplied by the accuracy over the mean of the last five, its own included. */
export function cumulativeRate({ history, factor }: ModalityRate, accuracy: number, epoch: number): ModalityRate {
  const next = [...history, accuracy].slice(-HISTORY);
  const due = (epoch + 1) % HISTORY === 0 && next.length === HISTORY;
  return { history: next, factor: due ? factor * ratio(accuracy, next) : factor };
}
