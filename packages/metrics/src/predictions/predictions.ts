import type { Predictions } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';

/**
 * Checks what a metric is given, so that a metric is a number or an error, never a silent NaN.
 *
 * @throws EQM_DATA_SPLIT when the split is empty, EQM_PLUGIN_FAULT when the arrays do not fit their declared sizes,
 * EQM_DATA_MALFORMED on a label outside [0, classes), EQM_TRAIN_DIVERGED on a probability that is not finite.
 */
export function checkPredictions({ size, classes, probabilities, labels }: Predictions, where: string): void {
  if (size === 0) {
    throw new EquimodalError('EQM_DATA_SPLIT', 'there are no predictions to score: the split is empty', {
      where,
    });
  }
  if (labels.length !== size || probabilities.length !== size * classes) {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `expected ${size} labels and ${size} x ${classes} probabilities, got ${labels.length} and ${probabilities.length}`,
      { where, fix: 'Give one label and one row of class probabilities per sample, row-major.' },
    );
  }
  for (const [row, label] of labels.entries()) {
    if (label >= 0 && label < classes) continue;
    throw new EquimodalError('EQM_DATA_MALFORMED', `the label of sample ${row} is ${label}; there are ${classes} classes`, {
      where,
      fix: `Labels must be whole numbers from 0 to ${classes - 1}.`,
    });
  }
  const at = probabilities.findIndex((value: number) => !Number.isFinite(value));
  if (at >= 0) {
    throw new EquimodalError(
      'EQM_TRAIN_DIVERGED',
      `the probability of class ${at % classes} for sample ${Math.floor(at / classes)} is ${probabilities[at]}`,
      { where },
    );
  }
}

/** The class of largest probability per sample; the first of equal ones, as numpy's argmax. */
export function predictedLabels({ size, classes, probabilities }: Predictions): Int32Array {
  const predicted = new Int32Array(size);
  for (let row = 0; row < size; row++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[row * classes + c]! > probabilities[row * classes + best]!) best = c;
    }
    predicted[row] = best;
  }
  return predicted;
}
