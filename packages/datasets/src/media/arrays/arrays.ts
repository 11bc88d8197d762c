import { extname } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { malformed, type NdArray } from '../../readers/bytes.js';
import { readNpy, readNpz } from '../../readers/npy.js';
import { pickleNumbers, readPickle } from '../../readers/pickle/pickle.js';
import { readTorch } from '../../readers/torch.js';
import { defineLoader, type MediaLoader, type MediaSource } from '../loader.js';

/** A pickle that is one array, as `pickle.dump(spectrogram, file)` writes it. */
const readPickled = (path: string): NdArray => pickleNumbers(readPickle(path), path, 'the pickle');

const READERS: Readonly<Record<string, (path: string) => NdArray>> = {
  ...{ '.npy': readNpy, '.npz': readNpz },
  ...{ '.pkl': readPickled, '.pickle': readPickled },
  ...{ '.pt': readTorch, '.pth': readTorch },
};

/** Endings of the files that are read, in lower case. */
export const ARRAY_ENDINGS: readonly string[] = Object.keys(READERS);

/** One array of a file, by the ending of its name. @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readStoredArray(path: string): NdArray {
  const read = READERS[extname(path).toLowerCase()];
  if (read === undefined) throw new EquimodalError('EQM_DATA_MALFORMED', 'arrays are not read from such files', { where: path });
  return read(path);
}

export type ArraysOptions = {
  /** Shape of a row; the file may have other axes of length one. */
  readonly shape: readonly number[];
  /** What is subtracted and what the rest is divided by. Default 0 and 1. */
  readonly mean?: number;
  readonly deviation?: number;
  /** Whole numbers, as ids of tokens are: given as int32, as they are. */
  readonly integers?: boolean;
};

/** One stored array a row: (value - mean) / deviation, in the order of the file. */
export const arraysLoader = defineLoader<ArraysOptions>({
  name: 'arraysLoader',
  module: import.meta.url,
  version: 1,
  augments: () => false,
  caches: () => false,
  create: (options) => new ArraysLoader(options),
});

class ArraysLoader implements MediaLoader {
  constructor(private readonly options: ArraysOptions) {}

  read({ files }: MediaSource): Float32Array | Int32Array {
    const file = files[0]!;
    const { shape: wanted, mean = 0, deviation = 1, integers = false } = this.options;
    const { shape, data } = readStoredArray(file);
    if (squeezed(shape).join() !== squeezed(wanted).join())
      throw malformed(file, '', `an array of shape [${shape.join(', ')}], the first one of the training rows has [${wanted.join(', ')}]`);
    const broken = data.findIndex((value) => !(integers ? isId(value) : Number.isFinite(value)));
    if (broken >= 0) throw malformed(file, `element ${broken}`, `the value is ${data[broken]!}`);
    if (integers) return Int32Array.from(data);
    return Float32Array.from(data, (value) => (value - mean) / deviation);
  }
}

const isId = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 31;

/** A shape without its axes of length one. */
export const squeezed = (shape: readonly number[]): number[] => shape.filter((size) => size !== 1);
