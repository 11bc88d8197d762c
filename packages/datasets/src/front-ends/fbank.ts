import { EquimodalError } from '@equimodal/core';
import { powerSpectra } from './fourier/power.js';
import type { Spectrogram } from './stft.js';

export interface FbankOptions {
  /** Sampling rate in Hz. */
  readonly rate: number;
  /** Bands. Default 128. */
  readonly bands?: number;
  /** Milliseconds of a frame. Default 25. */
  readonly frameMs?: number;
  /** Milliseconds between frames. Default 10. */
  readonly shiftMs?: number;
  /** Hz; default 20 to the Nyquist frequency. */
  readonly lowest?: number;
  readonly highest?: number;
}

const PREEMPHASIS = 0.97;
/** What a band holds at least: the smallest step of a 32-bit float at 1. */
const FLOOR = 2 ** -23;

const mel = (hertz: number): number => 1127 * Math.log(1 + hertz / 700);

/**
 * Logarithms of mel bands, as Kaldi's `compute-fbank-feats` and torchaudio's `compliance.kaldi.fbank` with a Hanning window and
 * without dither or energy: per frame the mean is subtracted, y[i] = x[i] - 0.97 x[i - 1], symmetric Hann window, power spectrum
 * of the next power of two, triangles that are even in mel(f) = 1127 ln(1 + f / 700), ln(max(band, 2^-23)).
 * Frames lie within the signal: 1 + floor((L - frame) / shift).
 *
 * @returns [bands, frames]
 * @throws EQM_CONFIG_INVALID for bands that do not fit the rate; EQM_DATA_MALFORMED for a signal shorter than a frame.
 */
export function melFilterBank(signal: Float32Array | Float64Array, options: FbankOptions): Spectrogram {
  const { rate, bands = 128, frameMs = 25, shiftMs = 10, lowest = 20, highest = rate / 2 } = options;
  const length = Math.trunc((rate * frameMs) / 1000);
  const shift = Math.trunc((rate * shiftMs) / 1000);
  if (!(length >= 2 && shift >= 1 && bands >= 1 && lowest >= 0 && lowest < highest && highest <= rate / 2)) {
    throw new EquimodalError(
      'EQM_CONFIG_INVALID',
      `${bands} bands from ${lowest} to ${highest} Hz in frames of ${length} samples every ${shift} do not fit a rate of ${rate} Hz`,
    );
  }
  if (signal.length < length)
    throw new EquimodalError('EQM_DATA_MALFORMED', `a signal of ${signal.length} samples is shorter than a frame of ${length}`);
  const n = 2 ** Math.ceil(Math.log2(length));
  const frames = 1 + Math.floor((signal.length - length) / shift);
  const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (length - 1)));
  const triangles = trianglesOf(n, rate, bands, lowest, highest);
  const power = powerSpectra({
    length: n,
    count: frames,
    fill(frame, t) {
      const part = signal.subarray(t * shift, t * shift + length);
      let mean = 0;
      for (const value of part) mean += value / length;
      for (let i = 0; i < length; i++) {
        const before = part[Math.max(0, i - 1)]! - mean;
        frame[i] = window[i]! * (part[i]! - mean - PREEMPHASIS * before);
      }
      frame.fill(0, length);
    },
  });
  const data = new Float64Array(bands * frames);
  triangles.forEach(({ first, weights }, band) => {
    const row = data.subarray(band * frames, (band + 1) * frames);
    weights.forEach((weight, i) => {
      const bin = (first + i) * frames;
      for (let t = 0; t < frames; t++) row[t]! += weight * power[bin + t]!;
    });
    for (let t = 0; t < frames; t++) row[t] = Math.log(Math.max(row[t]!, FLOOR));
  });
  return { bins: bands, frames, data };
}

/** For each band, the first bin that counts and the weights from there on. The Nyquist bin never counts. */
function trianglesOf(n: number, rate: number, bands: number, lowest: number, highest: number): { first: number; weights: number[] }[] {
  const low = mel(lowest);
  const step = (mel(highest) - low) / (bands + 1);
  const bins = Array.from({ length: n / 2 }, (_, k) => mel((k * rate) / n));
  return Array.from({ length: bands }, (_, band) => {
    const left = low + band * step;
    const weights = bins.map((place) => Math.max(0, Math.min((place - left) / step, (left + 2 * step - place) / step)));
    const first = weights.findIndex((weight) => weight > 0);
    const end = weights.findLastIndex((weight) => weight > 0) + 1;
    return { first: Math.max(first, 0), weights: first < 0 ? [] : weights.slice(first, end) };
  });
}

/** The first `frames` frames of every band; what is missing is 0. */
export function fitFrames({ bins, frames: available, data }: Spectrogram, frames: number): Spectrogram {
  const out = new Float64Array(bins * frames);
  for (let bin = 0; bin < bins; bin++) {
    out.set(data.subarray(bin * available, bin * available + Math.min(available, frames)), bin * frames);
  }
  return { bins, frames, data: out };
}
