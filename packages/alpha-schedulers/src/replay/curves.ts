/** A published curve: alpha at points of the run, 0 its first epoch and 1 its last. */
export interface PublishedCurve {
  readonly epochs: number;
  readonly at: readonly number[];
  readonly alpha: readonly number[];
}

const TENTHS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** LFM (NeurIPS 2024), Figure 3, read off its vector graphics: all epochs of KineticsSounds, tenths of the others. */
export const PUBLISHED_CURVES = {
  'kinetics-sounds': {
    epochs: 30,
    at: Array.from({ length: 30 }, (_, epoch) => epoch / 29),
    alpha: [
      1, 0.99, 0.982, 0.991, 1, 0.959, 0.953, 0.864, 0.79, 0.778, 0.81, 0.763, 0.699, 0.636, 0.594, 0.588, 0.529, 0.378, 0.181, 0.121,
      0.115, 0.144, 0.123, 0.099, 0.106, 0.059, 0.075, 0.073, 0.106, 0.077,
    ],
  },
  'crema-d': { epochs: 100, at: TENTHS, alpha: [1, 0.994, 0.853, 0.739, 0.369, 0.359, 0.316, 0.172, 0.158, 0.097, 0.083] },
  sarcasm: { epochs: 15, at: TENTHS, alpha: [1, 0.991, 0.897, 0.822, 0.735, 0.468, 0.208, 0.209, 0.126, 0.118, 0.087] },
  twitter2015: { epochs: 14, at: TENTHS, alpha: [1, 0.988, 0.903, 0.784, 0.537, 0.424, 0.36, 0.235, 0.216, 0.166, 0.1] },
} as const satisfies Readonly<Record<string, PublishedCurve>>;

/** A curve between its points, linearly; before the first and after the last the value there. */
export function interpolate(at: readonly number[], values: readonly number[], x: number): number {
  const right = at.findIndex((point) => point >= x);
  if (right === 0) return values[0]!;
  if (right < 0) return values.at(-1)!;
  const share = (x - at[right - 1]!) / (at[right]! - at[right - 1]!);
  return values[right - 1]! + share * (values[right]! - values[right - 1]!);
}
