import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { malformed, missing, type NdArray } from '../readers/bytes.js';
import { findIdx, readIdx } from '../readers/idx.js';
import { readWav, type Wav } from '../readers/wav.js';

/** Height and width of an MNIST image in pixels. */
export const IMAGE_SIZE = 28;
export const PIXELS = IMAGE_SIZE * IMAGE_SIZE;

/** Images as bytes, [rows, 784], and their classes. */
export interface DigitImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** One spoken digit: `<digit>_<speaker>_<index>.wav`. */
export interface Recording {
  readonly path: string;
  readonly digit: number;
  readonly speaker: string;
  readonly index: number;
}

const MNIST_FILES = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
} as const;

/** Fails at once, with every path that was looked for. @throws EQM_DATA_MISSING */
export function requireFiles(root: string): void {
  const files = [...MNIST_FILES.train, ...MNIST_FILES.test].map((name) => join(root, 'mnist', name));
  const absent = files.filter((path) => findIdx(path) === undefined).map((path) => `${path} or ${path}.gz`);
  const recordings = recordingsFolder(root);
  if (!existsSync(recordings)) absent.push(recordings);
  if (absent.length > 0) throw missing('dataset "av-mnist-style" needs MNIST in mnist/ and the spoken digits in fsdd/recordings/', absent);
}

/** The images of an MNIST split. @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readDigitImages(root: string, split: keyof typeof MNIST_FILES): DigitImages {
  const [imageFile, labelFile] = MNIST_FILES[split].map((name) => join(root, 'mnist', name)) as [string, string];
  const images = readIdx(imageFile);
  const labels = readIdx(labelFile);
  const pixels = bytesOf(images, imageFile);
  const classes = bytesOf(labels, labelFile);
  if (images.shape.length !== 3 || images.shape[1] !== IMAGE_SIZE || images.shape[2] !== IMAGE_SIZE) {
    throw malformed(imageFile, '', `expected images of ${IMAGE_SIZE}x${IMAGE_SIZE}, the shape is [${images.shape.join(', ')}]`);
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== images.shape[0]) {
    throw malformed(labelFile, '', `${images.shape[0]} images in ${imageFile} and labels of shape [${labels.shape.join(', ')}]`);
  }
  const wrong = classes.findIndex((label) => label > 9);
  if (wrong >= 0) throw malformed(labelFile, `row ${wrong}`, `label ${classes[wrong]} is not a digit`);
  return { pixels, labels: classes };
}

/** Lists the spoken digits in a fixed order (digit, speaker, index). @throws EQM_DATA_MISSING when there are none. */
export function listRecordings(root: string): Recording[] {
  const folder = recordingsFolder(root);
  if (!existsSync(folder)) throw missing('the folder of spoken digits is missing', [folder]);
  const recordings = readdirSync(folder).flatMap((name): Recording[] => {
    const match = /^(\d)_(.+)_(\d+)\.wav$/.exec(name);
    return match === null ? [] : [{ path: join(folder, name), digit: Number(match[1]), speaker: match[2]!, index: Number(match[3]) }];
  });
  if (recordings.length === 0) throw missing('the folder of spoken digits holds no <digit>_<speaker>_<index>.wav', [folder]);
  return recordings.sort((a, b) => a.digit - b.digit || (a.speaker < b.speaker ? -1 : a.speaker > b.speaker ? 1 : a.index - b.index));
}

/** Reads one recording. @throws EQM_DATA_MALFORMED when it is not sampled at `sampleRate` or is empty. */
export function readRecording({ path }: Recording, sampleRate: number): Wav {
  const wav = readWav(path);
  if (wav.sampleRate !== sampleRate) throw malformed(path, '', `the sample rate is ${wav.sampleRate} Hz, expected ${sampleRate} Hz`);
  if (wav.samples.length === 0) throw malformed(path, '', 'the recording has no samples');
  return wav;
}

function recordingsFolder(root: string): string {
  return join(root, 'fsdd', 'recordings');
}

function bytesOf({ data }: NdArray, file: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new EquimodalError('EQM_DATA_MALFORMED', 'expected unsigned bytes', { where: file });
}
