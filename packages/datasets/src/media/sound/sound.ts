import { basename } from 'node:path';
import { EquimodalError, type RandomStream } from '@equimodal/core';
import { clip, type ClipOptions } from '../../front-ends/clip.js';
import { fitFrames, melFilterBank } from '../../front-ends/fbank.js';
import { standardizedLogDensity } from '../../front-ends/psd.js';
import { resample, type ResampleMethod } from '../../front-ends/resample/resample.js';
import { Stft, type PadMode, type Spectrogram } from '../../front-ends/stft.js';
import { readWav } from '../../readers/wav.js';
import { within } from '../failure.js';
import { defineLoader, type Decoded, type MediaLoader, type MediaSource, type ReadContext } from '../loader.js';

/** What a part of a signal is turned into; shapes are those of one row. */
export type SoundFrontEnd =
  /** ln(|S| + 1e-7): [nFft / 2 + 1, 1 + floor(length / hop), 1] */
  | { readonly kind: 'log-magnitude'; readonly nFft: number; readonly hop: number; readonly padMode?: PadMode }
  /** Standardised log power spectral density: [segment / 2 + 1, floor((length - overlap) / (segment - overlap)), 1] */
  | { readonly kind: 'log-density'; readonly segment: number; readonly overlap: number }
  /** Kaldi's mel bands: [bands, frames, 1], (value - mean) / deviation after filling with zeros to `frames`. */
  | {
      readonly kind: 'fbank';
      readonly bands: number;
      readonly frames: number;
      readonly mean?: number;
      readonly deviation?: number;
      /** Subtract the mean of the signal first. */
      readonly centred?: boolean;
    }
  /** The samples: [length, 1] */
  | { readonly kind: 'samples' };

export type SoundOptions = {
  /** Hz that files are resampled to; null takes the samples of each file as they are. */
  readonly rate: number | null;
  readonly resample?: ResampleMethod;
  /** Samples, at `rate`; null takes all of them, clamped to [-1, 1], which only mel bands can. */
  readonly clip: { readonly [name in keyof ClipOptions]: ClipOptions[name] } | null;
  readonly frontEnd: SoundFrontEnd;
  /** Put time first: [time, frequency, 1]. */
  readonly timeFirst?: boolean;
  /** A file without samples counts as one sample of silence. Default: it is refused. */
  readonly emptyIsSilence?: boolean;
};

/** Shape of a row that these options give. @throws EQM_CONFIG_INVALID when it depends on the length of the files. */
export function soundShape({ clip, frontEnd, timeFirst }: SoundOptions): number[] {
  if (clip === null && frontEnd.kind !== 'fbank')
    throw new EquimodalError('EQM_CONFIG_INVALID', `"${frontEnd.kind}" needs sounds of one length: a clip`);
  if (frontEnd.kind === 'samples') return [clip!.length, 1];
  const [bins, frames] = spectrumShape(frontEnd, clip?.length ?? 0);
  return timeFirst === true ? [frames, bins, 1] : [bins, frames, 1];
}

function spectrumShape(frontEnd: Exclude<SoundFrontEnd, { kind: 'samples' }>, length: number): [number, number] {
  switch (frontEnd.kind) {
    case 'log-magnitude':
      return [frontEnd.nFft / 2 + 1, 1 + Math.floor(length / frontEnd.hop)];
    case 'log-density':
      return [frontEnd.segment / 2 + 1, Math.floor((length - frontEnd.overlap) / (frontEnd.segment - frontEnd.overlap))];
    case 'fbank':
      return [frontEnd.bands, frontEnd.frames];
  }
}

/** One WAVE file a row, resampled, cut to length and turned into a spectrogram (or left as samples). */
export const soundLoader = defineLoader<SoundOptions>({
  name: 'soundLoader',
  module: import.meta.url,
  version: 3,
  augments: ({ clip }) => clip?.start === 'random',
  caches: () => true,
  create: (options) => new SoundLoader(options),
});

class SoundLoader implements MediaLoader {
  readonly #stft: Stft | undefined;
  readonly #size: number;

  constructor(private readonly options: SoundOptions) {
    const { frontEnd } = options;
    if (frontEnd.kind === 'log-magnitude') this.#stft = new Stft(frontEnd);
    this.#size = soundShape(options).reduce((a, b) => a * b, 1);
  }

  async read({ files }: MediaSource, { random, cached }: ReadContext): Promise<Float32Array> {
    const file = files[0]!;
    const { clip, rate, resample: method } = this.options;
    const wav = readWav(file);
    const samples = wav.samples.length === 0 && this.options.emptyIsSilence === true ? new Float32Array(1) : wav.samples;
    const target = rate ?? wav.sampleRate;
    const length = (samples.length * target) / wav.sampleRate;
    const resampled = (): Float32Array => (target === wav.sampleRate ? samples : resample(samples, wav.sampleRate, target, method));
    // The smaller of the two is kept: the row or the resampled signal.
    if (clip?.start !== 'random' && this.#size <= 2 * length) {
      const row = await cached(file, this.options, () => vector(this.#row(resampled(), target, file)));
      return row.data as Float32Array;
    }
    if (target === wav.sampleRate) return this.#row(samples, target, file, random);
    const signal = await cached(file, { rate, method }, () => vector(resampled()));
    return this.#row(signal.data as Float32Array, target, file, random);
  }

  #row(signal: Float32Array, rate: number, file: string, random?: RandomStream): Float32Array {
    const own = this.options.clip ?? { length: signal.length };
    const part = within(file, () => clip(signal, own, random, basename(file)));
    const { frontEnd, timeFirst } = this.options;
    if (frontEnd.kind === 'samples') return part;
    const spectrum = within(file, () => this.#spectrum(part, rate, frontEnd));
    const data = timeFirst === true ? transposed(spectrum) : spectrum.data;
    return data instanceof Float32Array ? data : Float32Array.from(data);
  }

  #spectrum(
    part: Float32Array,
    rate: number,
    frontEnd: Exclude<SoundFrontEnd, { kind: 'samples' }>,
  ): Spectrogram<Float32Array | Float64Array> {
    switch (frontEnd.kind) {
      case 'log-magnitude':
        return this.#stft!.logMagnitude(part);
      case 'log-density':
        return standardizedLogDensity(part, { ...frontEnd, rate });
      case 'fbank': {
        const { bands, frames, mean = 0, deviation = 1, centred = false } = frontEnd;
        const average = centred ? part.reduce((sum, value) => sum + value, 0) / part.length : 0;
        const { data } = fitFrames(
          melFilterBank(
            Float64Array.from(part, (value) => value - average),
            { rate, bands },
          ),
          frames,
        );
        return { bins: bands, frames, data: data.map((value) => (value - mean) / deviation) };
      }
    }
  }
}

const vector = (data: Float32Array): Decoded => ({ shape: [data.length], data });

function transposed({ bins, frames, data }: Spectrogram<Float32Array | Float64Array>): Float32Array {
  const out = new Float32Array(data.length);
  for (let bin = 0; bin < bins; bin++) for (let t = 0; t < frames; t++) out[t * bins + bin] = data[bin * frames + t]!;
  return out;
}
