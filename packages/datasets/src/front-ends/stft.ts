import { EquimodalError } from '@equimodal/core';
import { logMagnitudeSpectra, powerSpectra, type Frames } from './fourier/power.js';

export interface StftOptions {
  /** Window and transform length n, a power of two. */
  readonly nFft: number;
  /** Samples between frames. */
  readonly hop: number;
  /** What fills the n/2 samples before and after the signal. Default `zeros`; `reflect` mirrors without repeating the edge, `edge` repeats it. */
  readonly padMode?: PadMode;
  /** Frames are centred on multiples of the hop. Without it nothing is padded and frames begin there. Default true. */
  readonly center?: boolean;
  /** Periodic window: `hann`, `hamming` (0.54 - 0.46 cos), or `ones`. Default `hann`. */
  readonly window?: WindowName;
}

export type PadMode = 'zeros' | 'reflect' | 'edge';
export type WindowName = 'hann' | 'hamming' | 'ones';

/** a - (1 - a) cos(2 pi i / n) */
const WINDOWS: Readonly<Record<WindowName, number>> = { hann: 0.5, hamming: 0.54, ones: 1 };

/** A spectrogram, row-major [bins, frames]. */
export interface Spectrogram<A extends Float32Array | Float64Array = Float64Array> {
  readonly bins: number;
  readonly frames: number;
  readonly data: A;
}

/** Added to the magnitude before the logarithm. */
const FLOOR = 1e-7;

/**
 * Short-time Fourier transform, as librosa computes it: periodic window, by default Hann, w[i] = 0.5 - 0.5 cos(2 pi i / n),
 * n/2 samples of padding on both sides, frames T = 1 + floor(L / hop) (without centring 1 + floor((L - n) / hop)),
 * X[k, t] = sum_i w[i] y[t hop + i] e^(-2 pi j k i / n) for k = 0 .. n/2.
 */
export class Stft {
  readonly nFft: number;
  readonly hop: number;
  readonly bins: number;
  readonly #padMode: PadMode;
  readonly #center: boolean;
  readonly #window: Float64Array;

  /** @throws EQM_CONFIG_INVALID when nFft is not a power of two of at least 4, or hop is not a positive integer. */
  constructor({ nFft, hop, padMode = 'zeros', center = true, window = 'hann' }: StftOptions) {
    if (!Number.isInteger(Math.log2(nFft)) || nFft < 4)
      throw new EquimodalError('EQM_CONFIG_INVALID', `nFft must be a power of two of at least 4, got ${nFft}`);
    if (!Number.isInteger(hop) || hop < 1) throw new EquimodalError('EQM_CONFIG_INVALID', `hop must be a positive integer, got ${hop}`);
    this.nFft = nFft;
    this.hop = hop;
    this.bins = nFft / 2 + 1;
    this.#padMode = padMode;
    this.#center = center;
    const a = WINDOWS[window];
    this.#window = Float64Array.from({ length: nFft }, (_, i) => a - (1 - a) * Math.cos((2 * Math.PI * i) / nFft));
  }

  /** Frames of a signal of that many samples. */
  frames(samples: number): number {
    return 1 + Math.floor((this.#center ? samples : samples - this.nFft) / this.hop);
  }

  /** |X|^2, [bins, frames]. @throws EQM_DATA_MALFORMED for a signal too short for its padding. */
  power(signal: Float32Array | Float64Array): Spectrogram {
    const frames = this.#framesOf(signal);
    return { bins: this.bins, frames: frames.count, data: powerSpectra(frames) };
  }

  /** ln(|X| + 1e-7), [bins, frames]. @throws EQM_DATA_MALFORMED for a signal too short for its padding. */
  logMagnitude(signal: Float32Array | Float64Array): Spectrogram<Float32Array> {
    const frames = this.#framesOf(signal);
    return { bins: this.bins, frames: frames.count, data: logMagnitudeSpectra(frames, FLOOR) };
  }

  #framesOf(signal: Float32Array | Float64Array): Frames {
    const { nFft } = this;
    const half = this.#center ? nFft / 2 : 0;
    const shortest = this.#center ? (this.#padMode === 'reflect' ? half + 1 : 1) : nFft;
    if (signal.length < shortest) {
      throw new EquimodalError(
        'EQM_DATA_MALFORMED',
        `a signal of ${signal.length} samples is too short: nFft ${nFft} with ${this.#center ? `padding "${this.#padMode}"` : 'no padding'} needs ${shortest}`,
      );
    }
    return {
      window: this.#window,
      hop: this.hop,
      count: this.frames(signal.length),
      fill: (padded: Float64Array) => {
        const inner = Math.min(signal.length, padded.length - half);
        padded.set(inner < signal.length ? signal.subarray(0, inner) : signal, half);
        for (let i = 0; i < half; i++) padded[i] = this.#at(signal, i - half);
        for (let i = half + inner; i < padded.length; i++) padded[i] = this.#at(signal, i - half);
      },
    };
  }

  #at(signal: Float32Array | Float64Array, index: number): number {
    if (index >= 0 && index < signal.length) return signal[index]!;
    if (this.#padMode === 'zeros') return 0;
    if (this.#padMode === 'edge') return signal[index < 0 ? 0 : signal.length - 1]!;
    return signal[index < 0 ? -index : 2 * (signal.length - 1) - index]!;
  }
}

/** The first `bins` rows after averaging groups of `pool` neighbouring bins (bin 0, the mean, is left out), as ln(sqrt(mean power) + 1e-7). */
export function pooledLogMagnitude({ frames, data, bins: available }: Spectrogram, bins: number, pool: number): Float32Array {
  if (bins * pool > available - 1) {
    throw new EquimodalError(
      'EQM_CONFIG_INVALID',
      `${bins} bands of ${pool} bins need ${bins * pool} bins, the spectrogram has ${available - 1} above zero`,
    );
  }
  const out = new Float32Array(bins * frames);
  for (let band = 0; band < bins; band++) {
    for (let t = 0; t < frames; t++) {
      let sum = 0;
      for (let j = 0; j < pool; j++) sum += data[(1 + band * pool + j) * frames + t]!;
      out[band * frames + t] = Math.log(Math.sqrt(sum / pool) + FLOOR);
    }
  }
  return out;
}

/** Repeats a signal until it has `length` samples, and clamps it to [-1, 1]: how the audio-visual loaders fill short clips. */
export function tile(signal: Float32Array | Float64Array, length: number): Float32Array {
  if (signal.length === 0) throw new EquimodalError('EQM_DATA_MALFORMED', 'an empty signal cannot be tiled');
  const out = new Float32Array(length);
  const once = Math.min(length, signal.length);
  for (let i = 0; i < once; i++) {
    const value = signal[i]!;
    out[i] = value > 1 ? 1 : value < -1 ? -1 : value;
  }
  for (let filled = once; filled < length; filled *= 2) out.copyWithin(filled, 0, filled);
  return out;
}
