import type { RandomStream } from '@equimodal/core';

/** Draws standard normal numbers, two a time (Marsaglia's polar method). */
export function gaussianSource(random: RandomStream): () => number {
  let spare = 0;
  let has = false;
  return () => {
    if (has) {
      has = false;
      return spare;
    }
    let u: number;
    let v: number;
    let square: number;
    do {
      u = 2 * random.uniform() - 1;
      v = 2 * random.uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    spare = v * scale;
    has = true;
    return u * scale;
  };
}

/** Mean of the squares. */
export function power(signal: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of signal) sum += value * value;
  return signal.length === 0 ? 0 : sum / signal.length;
}

/** Standard deviation of noise that stands `snr` dB below a signal of that power: sqrt(power / 10^(snr/10)). */
export function noiseDeviation(signalPower: number, snr: number): number {
  return Math.sqrt(signalPower / 10 ** (snr / 10));
}
