import { extname } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import type { NdArray } from './bytes.js';
import { csvNumbers, readCsv } from './csv.js';
import { readHdf5 } from './hdf5.js';
import { matNumeric } from './mat.js';
import { readAnyMat } from './mat73.js';
import { readNpy, readNpz } from './npy.js';
import { parquetNumbers, readParquet } from './parquet.js';
import { pickleAt, pickleNumbers, readPickle } from './pickle/pickle.js';
import { readSafetensors } from './safetensors.js';
import { readTorch } from './torch.js';

/** Which array of a file, and how a text file is laid out. */
export interface ArrayPlace {
  /** Array of an .npz, dataset of an HDF5 file, path in a pickle (`train/text`), tensor of a .safetensors, column of a .parquet. */
  readonly key?: string | undefined;
  /** Variable of a .mat file; `X{2}` is the second cell of X. */
  readonly variable?: string | undefined;
  /** The first row of a text file holds names. */
  readonly header?: boolean;
}

type ReadArray = (file: string, place: ArrayPlace) => NdArray | Promise<NdArray>;

const text: ReadArray = (file, { header = false }) => csvNumbers(readCsv(file, { header }));
const hdf5: ReadArray = (file, { key }) => readHdf5(file, key);
const pickle: ReadArray = (file, { key = '' }) =>
  pickleNumbers(pickleAt(readPickle(file), key, file), file, key === '' ? 'the pickle' : `"${key}"`);
const torch: ReadArray = (file) => readTorch(file);
const mat: ReadArray = async (file, { variable, key = variable }) => {
  const variables = await readAnyMat(file);
  if (key !== undefined) return matNumeric(variables, key, file);
  throw new EquimodalError('EQM_CONFIG_INVALID', `a .mat file needs "variable"; it holds ${[...variables.keys()].join(', ')}`, {
    where: file,
  });
};

/** Reader by extension of the file. */
const READERS: Readonly<Record<string, ReadArray>> = {
  ...{ csv: text, tsv: text, mat },
  npy: (file) => readNpy(file),
  npz: (file, { key }) => readNpz(file, key),
  parquet: async (file, { key }) => parquetNumbers(await readParquet(file, key === undefined ? undefined : [key])),
  safetensors: (file, { key }) => readSafetensors(file, key),
  ...{ h5: hdf5, hdf5 },
  ...{ pkl: pickle, pickle, p: pickle },
  ...{ pt: torch, pth: torch },
};

/** Extensions of the files that `readArray` reads, without the dot. */
export const ARRAY_EXTENSIONS = Object.keys(READERS);

/**
 * Reads an array by the extension of its file.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export async function readArray(file: string, place: ArrayPlace = {}): Promise<NdArray> {
  const read = READERS[extname(file).slice(1).toLowerCase()];
  if (read === undefined) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `expected a file of one of the kinds ${ARRAY_EXTENSIONS.join(', ')}`, { where: file });
  }
  return read(file, place);
}
