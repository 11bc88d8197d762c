import { EquimodalError } from '@equimodal/core';
import { powerSpectra } from './fourier/power.js';
import type { Spectrogram } from './stft.js';

export interface PsdOptions {
  /** Sampling rate in Hz. */
  readonly rate: number;
  /** Samples of a segment, a power of two. */
  readonly segment: number;
  /** Samples that two neighbouring segments share. */
  readonly overlap: number;
}

/** Share of a segment that the window tapers. */
const TAPER = 0.25;

/** Tukey window of length n, periodic: cosine flanks over a quarter of it, 1 between. */
export function tukey(n: number): Float64Array {
  const flank = Math.floor((TAPER * n) / 2);
  return Float64Array.from({ length: n }, (_, i) => {
    if (i <= flank) return 0.5 * (1 + Math.cos(Math.PI * ((2 * i) / TAPER / n - 1)));
    return i < n - flank ? 1 : 0.5 * (1 + Math.cos(Math.PI * ((2 * i) / TAPER / n - 2 / TAPER + 1)));
  });
}

/**
 * Power spectral density, as `scipy.signal.spectrogram` with its defaults: Tukey window w, no padding, the mean of every segment
 * subtracted, P = |X|^2 / (rate sum w^2), doubled strictly between zero and the Nyquist frequency.
 * Frames floor((L - overlap) / (segment - overlap)).
 *
 * @throws EQM_CONFIG_INVALID for a segment that is no power of two or an overlap that is not below it; EQM_DATA_MALFORMED for a
 * signal shorter than a segment.
 */
export function powerSpectralDensity(signal: Float32Array | Float64Array, { rate, segment, overlap }: PsdOptions): Spectrogram {
  if (!Number.isInteger(Math.log2(segment)) || segment < 4)
    throw new EquimodalError('EQM_CONFIG_INVALID', `segment must be a power of two of at least 4, got ${segment}`);
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= segment)
    throw new EquimodalError('EQM_CONFIG_INVALID', `overlap must be an integer from 0 to ${segment - 1}, got ${overlap}`);
  if (signal.length < segment)
    throw new EquimodalError('EQM_DATA_MALFORMED', `a signal of ${signal.length} samples is shorter than a segment of ${segment}`);
  const hop = segment - overlap;
  const bins = segment / 2 + 1;
  const frames = Math.floor((signal.length - overlap) / hop);
  const window = tukey(segment);
  const scale = 1 / (rate * window.reduce((sum, w) => sum + w * w, 0));
  const data = powerSpectra({
    length: segment,
    count: frames,
    fill(frame, t) {
      const part = signal.subarray(t * hop, t * hop + segment);
      let mean = 0;
      for (const value of part) mean += value / segment;
      for (let i = 0; i < segment; i++) frame[i] = window[i]! * (part[i]! - mean);
    },
  });
  const inner = frames * (bins - 1);
  for (let i = 0; i < data.length; i++) data[i]! *= i < frames || i >= inner ? scale : 2 * scale;
  return { bins, frames, data };
}

/** ln(P + 1e-7), minus its mean and divided by its deviation + 1e-9 over the whole clip. */
export function standardizedLogDensity(signal: Float32Array | Float64Array, options: PsdOptions): Spectrogram {
  const { bins, frames, data } = powerSpectralDensity(signal, options);
  for (let i = 0; i < data.length; i++) data[i] = Math.log(data[i]! + 1e-7);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  for (let i = 0; i < data.length; i++) data[i] = (data[i]! - mean) / (deviation + 1e-9);
  return { bins, frames, data };
}
