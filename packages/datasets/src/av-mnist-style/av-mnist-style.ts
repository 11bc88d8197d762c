import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset, type RandomStream } from '@equimodal/core';
import { z } from 'zod';
import { gaussianSource, noiseDeviation, power } from '../front-ends/noise.js';
import { principalComponents, reconstruct, type PrincipalComponents } from '../front-ends/pca.js';
import { meanAndDeviation } from '../front-ends/standardize.js';
import { pooledLogMagnitude, Stft } from '../front-ends/stft.js';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import {
  IMAGE_SIZE,
  listRecordings,
  PIXELS,
  readDigitImages,
  readRecording,
  requireFiles,
  type DigitImages,
  type Recording,
} from './files.js';
import { drawPairs, remaining, type Pairs } from './pairs.js';

const SAMPLE_RATE = 8000;
/** First .75 s of a recording. */
const SAMPLES = 6000;
/** Recordings with a smaller index are test, those up to the second bound validation. */
const TEST_BELOW = 5;
const VALIDATION_BELOW = 10;

const size = z.int().positive();

export const avMnistStyleOptions = z
  .strictObject({
    components: z.int().min(1).max(PIXELS).default(4).describe('principal components of the training images that an image keeps'),
    noiseDb: z.number().default(-5).describe('signal-to-noise ratio of the recordings in dB; lower is harder'),
    train: size.default(8000).describe('training pairs'),
    validation: size.default(2000).describe('validation pairs'),
    test: size.default(3000).describe('test pairs'),
    seed: z.int().min(0).default(0).describe('which pairs and which noise; independent of the seed of a run'),
    nFft: z.int().min(16).max(4096).default(256).describe('window of the spectrogram in samples, a power of two'),
    hop: z.int().min(16).max(SAMPLES).default(128).describe('samples between frames; frames = 1 + floor(6000 / hop)'),
    bands: z.int().min(1).default(64).describe('frequency rows: neighbouring bins are averaged to this many'),
  })
  .refine(({ nFft }) => Number.isInteger(Math.log2(nFft)), {
    path: ['nFft'],
    error: 'expected a power of two',
  })
  .refine(({ nFft, bands }) => (nFft / 2) % bands === 0, {
    path: ['bands'],
    error: 'expected a divisor of nFft / 2',
  });
export type AvMnistStyleOptions = z.output<typeof avMnistStyleOptions>;

/**
 * Degraded MNIST images paired with noisy spoken digits of the same class.
 *
 * `image` [28, 28, 1]: the image kept to its leading principal components (of the training images) and
 * reconstructed. `audio` [bands, frames, 1]: log-magnitude spectrogram of the first .75 s under white noise,
 * standardised with training statistics. Images and recordings of train, validation and test are disjoint
 * (recordings by index: 0-4 test, 5-9 validation). Not AV-MNIST itself: that one's audio is another corpus.
 */
export const avMnistStyle = definePiece({
  kind: 'dataset',
  id: 'av-mnist-style',
  description: 'MNIST kept to a few principal components, paired with noisy spoken digits (FSDD)',
  facts: { note: 'needs mnist/ and fsdd/recordings/ in the data root; not the original AV-MNIST audio' },
  options: avMnistStyleOptions,
  create: (options, context) => new AvMnistStyle(options, context),
});

class AvMnistStyle implements Dataset {
  readonly modalities = [
    { name: 'image', kind: 'image' },
    { name: 'audio', kind: 'spectrogram' },
  ] as const;

  constructor(
    private readonly options: AvMnistStyleOptions,
    private readonly context: Pick<DatasetContext, 'random' | 'requireDataRoot'>,
  ) {}

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const root = this.context.requireDataRoot();
    const random = this.context.random.at('av-mnist-style').at(options.seed);
    requireFiles(root);
    const trainImages = readDigitImages(root, 'train');
    const testImages = readDigitImages(root, 'test');
    const recordings = listRecordings(root);
    const audio = spectrograms(recordings, options, random.at('noise'));
    const pool = (low: number, high: number): number[][] => byDigit(recordings, low, high);

    const every = (images: DigitImages): Int32Array => Int32Array.from(images.labels, (_, row) => row);
    const pairs = (split: 'train' | 'validation' | 'test', from: Int32Array, images: DigitImages, low: number, high: number): Pairs =>
      drawPairs(split, options[split], from, images.labels, pool(low, high), random.at('pairs').at(split));
    const train = pairs('train', every(trainImages), trainImages, VALIDATION_BELOW, Infinity);
    const left = remaining(trainImages.labels.length, train.images);
    const validation = pairs('validation', left, trainImages, TEST_BELOW, VALIDATION_BELOW);
    const test = pairs('test', every(testImages), testImages, 0, TEST_BELOW);

    standardizeByTraining(audio, train.recordings);
    const components = principalComponents(pickRows(trainImages.pixels, train.images), PIXELS, options.components);
    const split = ({ labels, images, recordings: index }: Pairs, source: DigitImages): InMemorySplit =>
      new InMemorySplit(labels, {
        image: { data: degrade(source.pixels, images, components), rowSize: PIXELS },
        audio: { data: audio.data, rowSize: audio.rowSize, index },
      });
    const splits = {
      train: split(train, trainImages),
      validation: split(validation, trainImages),
      test: split(test, testImages),
    };
    const kept = components.variances.reduce((sum, value) => sum + value, 0) / components.totalVariance;
    return {
      classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
      modalities: [
        { name: 'image', kind: 'image', shape: [IMAGE_SIZE, IMAGE_SIZE, 1] },
        { name: 'audio', kind: 'spectrogram', shape: [options.bands, audio.frames, 1] },
      ],
      splits,
      fingerprint: fingerprint(splits),
      notes: [
        `images keep ${options.components} of ${PIXELS} components, ${(100 * kept).toFixed(1)} % of the variance`,
        `a recording occurs in several pairs: ${new Set(train.recordings).size} recordings in train, ${new Set(validation.recordings).size} in validation, ${new Set(test.recordings).size} in test`,
      ],
    };
  }
}

interface Audio {
  readonly data: Float32Array;
  readonly rowSize: number;
  readonly frames: number;
}

/** Spectrograms of all recordings, [recordings, bands, frames]. Noise is drawn once per recording, from its own stream. */
function spectrograms(recordings: readonly Recording[], { nFft, hop, bands, noiseDb }: AvMnistStyleOptions, random: RandomStream): Audio {
  const stft = new Stft({ nFft, hop });
  const frames = stft.frames(SAMPLES);
  const rowSize = bands * frames;
  const data = new Float32Array(recordings.length * rowSize);
  const signal = new Float64Array(SAMPLES);
  recordings.forEach((recording, row) => {
    const { samples } = readRecording(recording, SAMPLE_RATE);
    const used = samples.subarray(0, SAMPLES);
    const noise = gaussianSource(random.at(`${recording.digit}_${recording.speaker}_${recording.index}`));
    const deviation = noiseDeviation(power(used), noiseDb);
    for (let i = 0; i < SAMPLES; i++) signal[i] = (used[i] ?? 0) + deviation * noise();
    data.set(pooledLogMagnitude(stft.power(signal), bands, nFft / 2 / bands), row * rowSize);
  });
  return { data, rowSize, frames };
}

/** Rows of the recordings by digit whose index is in [low, high). */
function byDigit(recordings: readonly Recording[], low: number, high: number): number[][] {
  const rows = Array.from({ length: 10 }, (): number[] => []);
  recordings.forEach(({ digit, index }, row) => {
    if (index >= low && index < high) rows[digit]!.push(row);
  });
  if (rows.every((list) => list.length === 0))
    throw new EquimodalError('EQM_DATA_SPLIT', `there are no recordings with an index from ${low} up`);
  return rows;
}

/** Subtracts the mean and divides by the deviation of the training recordings. */
function standardizeByTraining({ data, rowSize }: Audio, trainingRows: Int32Array): void {
  const rows = [...new Set(trainingRows)];
  const training = new Float32Array(rows.length * rowSize);
  rows.forEach((row, i) => training.set(data.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize));
  const { mean, deviation } = meanAndDeviation(training);
  for (let i = 0; i < data.length; i++) data[i] = (data[i]! - mean) / deviation;
}

function pickRows(pixels: Uint8Array, rows: Int32Array): Uint8Array {
  const out = new Uint8Array(rows.length * PIXELS);
  rows.forEach((row, i) => out.set(pixels.subarray(row * PIXELS, (row + 1) * PIXELS), i * PIXELS));
  return out;
}

/** Reconstructs the chosen images from their leading components, values about 0 to 1, [rows, 784]. */
function degrade(pixels: Uint8Array, rows: Int32Array, components: PrincipalComponents): Float32Array {
  const out = new Float32Array(rows.length * PIXELS);
  rows.forEach((row, i) =>
    reconstruct(components, pixels.subarray(row * PIXELS, (row + 1) * PIXELS), out.subarray(i * PIXELS, (i + 1) * PIXELS)),
  );
  for (let i = 0; i < out.length; i++) out[i]! /= 255;
  return out;
}
