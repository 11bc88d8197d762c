import type { Shares } from './information.js';

/** Length of a pattern under unit noise in each of `size` values, so that its power a value is 10^(snr/10). */
export const amplitude = (snr: number, size: number): number => Math.sqrt(size * 10 ** (snr / 10));

/**
 * How often the right one of `classes` orthogonal patterns of length a is found under unit Gaussian noise: the integral of
 * phi(x - a) Phi(x)^(C - 1) over x, by the trapezoidal rule.
 */
export function patternAccuracy(a: number, classes: number): number {
  const step = 1 / 256;
  let below = 0;
  let density = 0;
  let sum = 0;
  for (let x = -9; x <= a + 9; x += step) {
    const next = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    below = Math.min(1, below + (step * (density + next)) / 2);
    density = next;
    sum += (step * Math.exp((-(x - a) * (x - a)) / 2) * below ** (classes - 1)) / Math.sqrt(2 * Math.PI);
  }
  return Math.min(1, sum);
}

/** What can be reached on test rows. */
export interface Reachable {
  /** By a modality alone, under its noise. */
  readonly alone: readonly number[];
  /** By all together, if there were no noise. */
  readonly together: number;
}

/** The best accuracies there can be, from the shares, the lengths of the patterns and the rates of missing modalities. */
export function reachable(
  classes: number,
  { redundant, synergy, unique }: Shares,
  modalities: readonly { readonly amplitude: number; readonly missing: number }[],
): Reachable {
  const chance = 1 / classes;
  const alone = modalities.map(({ amplitude: a, missing }, m) => {
    const shown = (1 - missing) * (redundant + unique[m]!);
    return shown * patternAccuracy(a, classes) + (1 - shown) * chance;
  });
  const all = modalities.reduce((product, { missing }) => product * (1 - missing), 1);
  const none = modalities.reduce((product, { missing }) => product * missing, 1);
  const own = modalities.reduce((sum, { missing }, m) => sum + unique[m]! * (1 - missing), 0);
  const seen = redundant * (1 - none) + synergy * all + own;
  return { alone, together: seen + (1 - seen) * chance };
}
