import { definePiece, type Dataset, type DatasetContext, type LoadedDataset, type RandomStream } from '@equimodal/core';
import { z } from 'zod';
import { gaussianSource, noiseDeviation, power } from '../front-ends/noise.js';
import { pooledLogMagnitude, Stft } from '../front-ends/stft.js';
import { standardizeAll } from '../front-ends/standardize.js';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import { drawDigit, GLYPH_SIZE } from './glyphs.js';
import { playMelody, SAMPLES } from './melodies.js';

const N_FFT = 64;
const HOP = 32;
const BINS = 32;
const FRAMES = 32;
const PIXELS = GLYPH_SIZE * GLYPH_SIZE;

const size = z.int().positive();

export const syntheticAvOptions = z.strictObject({
  classes: z.int().min(2).max(10).default(10).describe('number of classes'),
  train: size.default(2000).describe('training rows'),
  validation: size.default(500).describe('validation rows'),
  test: size.default(1000).describe('test rows'),
  imageSnr: z.number().default(-8).describe('signal-to-noise ratio of the image in dB; lower is harder'),
  audioSnr: z.number().default(-12.5).describe('signal-to-noise ratio of the sound in dB; lower is harder'),
  seed: z.int().min(0).default(0).describe('which set is generated; independent of the seed of a run'),
});
export type SyntheticAvOptions = z.output<typeof syntheticAvOptions>;

/**
 * Drawn digits and synthesised melodies, generated from a seed: needs no files.
 *
 * `image` [28, 28, 1]: a digit with random size, slant, rotation, shift and thickness under Gaussian noise.
 * `audio` [32, 32, 1]: log-magnitude spectrogram (frequency, time) of a four-note melody under white noise;
 * classes differ in the order of the notes only. With the default ratios the image is learned fast and
 * well and the sound slowly and badly: the imbalance that the methods are about.
 */
export const syntheticAv = definePiece({
  kind: 'dataset',
  id: 'synthetic-av',
  description: 'generated digits (image) and melodies (audio), no files needed; the image is the strong modality',
  facts: {},
  options: syntheticAvOptions,
  create: (options, context) => new SyntheticAv(options, context),
});

class SyntheticAv implements Dataset {
  readonly modalities = [
    { name: 'image', kind: 'image' },
    { name: 'audio', kind: 'spectrogram' },
  ] as const;

  constructor(
    private readonly options: SyntheticAvOptions,
    private readonly context: Pick<DatasetContext, 'random'>,
  ) {}

  load(): Promise<LoadedDataset> {
    const { classes, seed, train, validation, test } = this.options;
    const random = this.context.random.at('synthetic-av').at(seed);
    const parts = { train, validation, test };
    const generated = Object.entries(parts).map(([name, rows]) => generate(rows, this.options, random.at(name)));
    const [first] = generated;
    standardizeAll(
      first!.audio,
      generated.map(({ audio }) => audio),
    );
    const [trainSplit, validationSplit, testSplit] = generated.map(
      ({ labels, image, audio }) =>
        new InMemorySplit(labels, {
          image: { data: image, rowSize: PIXELS },
          audio: { data: audio, rowSize: BINS * FRAMES },
        }),
    );
    const splits = { train: trainSplit!, validation: validationSplit!, test: testSplit! };
    return Promise.resolve({
      classes: Array.from({ length: classes }, (_, label) => String(label)),
      modalities: [
        { name: 'image', kind: 'image', shape: [GLYPH_SIZE, GLYPH_SIZE, 1] },
        { name: 'audio', kind: 'spectrogram', shape: [BINS, FRAMES, 1] },
      ],
      splits,
      fingerprint: fingerprint(splits),
    });
  }
}

interface Generated {
  readonly labels: Int32Array;
  readonly image: Float32Array;
  readonly audio: Float32Array;
}

/** Rows of one split: classes in equal number, in random order. */
function generate(rows: number, { classes, imageSnr, audioSnr }: SyntheticAvOptions, random: RandomStream): Generated {
  const labels = random
    .at('labels')
    .permutation(rows)
    .map((place) => place % classes);
  const image = new Float32Array(rows * PIXELS);
  const audio = new Float32Array(rows * BINS * FRAMES);
  const draw = random.at('image');
  const play = random.at('audio');
  const imageNoise = gaussianSource(random.at('image-noise'));
  const audioNoise = gaussianSource(random.at('audio-noise'));
  const stft = new Stft({ nFft: N_FFT, hop: HOP });
  const sound = new Float64Array(SAMPLES);
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    drawDigit(label, draw, image, row * PIXELS);
    addNoise(image.subarray(row * PIXELS, (row + 1) * PIXELS), imageSnr, imageNoise);
    playMelody(label, play, sound);
    addNoise(sound, audioSnr, audioNoise);
    audio.set(pooledLogMagnitude(stft.power(sound), BINS, 1), row * BINS * FRAMES);
  }
  return { labels, image, audio };
}

function addNoise(signal: Float32Array | Float64Array, snr: number, noise: () => number): void {
  const deviation = noiseDeviation(power(signal), snr);
  for (let i = 0; i < signal.length; i++) signal[i]! += deviation * noise();
}
