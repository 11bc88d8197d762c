import type { ComparisonResults } from '@equimodal/comparison';
import { selectionRule } from '../reading/selection.js';

/** The extra subtitle line of plots whose scored epoch was selected on test; none otherwise. */
export function selectionLine(results: ComparisonResults): string[] {
  return selectionRule(results.selection).legacy
    ? ['Epoch selected on test (legacy-test): figures are too high by an unknown amount.']
    : [];
}
