import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { mediaDataset, type MediaRows } from '../media/dataset.js';
import { mediaOptions } from '../media/options.js';
import { malformed, missing } from '../readers/bytes.js';
import { NpyFile, readNpy } from '../readers/npy.js';
import { FileSource } from '../readers/source.js';
import { npyRowLoader, type RowSource } from './rows.js';

export const avMnistOptions = z.strictObject({
  folder: z.string().default('avmnist').describe('folder with image/, audio/ and the label files, relative to the data root'),
  validation: z.int().min(0).default(5000).describe('last training rows that are validation; 0: the trainer carves'),
  divisor: z.number().positive().default(255).describe('both modalities are divided by this'),
  workers: mediaOptions.workers,
});
export type AvMnistOptions = z.output<typeof avMnistOptions>;

/** Rows and columns of an image and of a spectrogram. */
const SIZES = { image: 28, audio: 112 } as const;
const DIGITS = 10;

/**
 * AV-MNIST in its published files: degraded digits, `image` [28, 28, 1], and spectrograms of noisy spoken digits, `audio`
 * [112, 112, 1]. Rows are read from the files when they are needed.
 *
 * Source: Vielzeuf et al., CentralNet, ECCV Workshops 2018; files as MultiBench distributes them.
 */
export const avMnist = definePiece({
  kind: 'dataset',
  id: 'av-mnist',
  description: 'AV-MNIST as published: degraded digits (image) and spoken digits (spectrogram) in .npy files',
  facts: { note: 'needs avmnist/ in the data root; av-mnist-style makes a similar set of MNIST and FSDD' },
  options: avMnistOptions,
  create: (options, context) => new AvMnist(options, context),
});

class AvMnist implements Dataset {
  readonly modalities = [
    { name: 'image', kind: 'image' },
    { name: 'audio', kind: 'spectrogram' },
  ] as const;

  constructor(
    private readonly options: AvMnistOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {}

  async load(): Promise<LoadedDataset> {
    const { validation, divisor, workers } = this.options;
    const root = join(this.context.requireDataRoot(), this.options.folder);
    requireFiles(root);
    const whole = readPart(root, 'train');
    const test = readPart(root, 'test');
    const cut = whole.labels.length - validation;
    if (cut < 1)
      throw new EquimodalError('EQM_DATA_SPLIT', `${validation} of ${whole.labels.length} training rows for validation leave none`, {
        where: root,
      });
    const modality = (name: keyof typeof SIZES) => ({
      ...{ kind: name === 'image' ? ('image' as const) : ('spectrogram' as const), loader: npyRowLoader, options: { divisor } },
      shape: [SIZES[name], SIZES[name], 1],
    });
    return mediaDataset({
      classes: Array.from({ length: DIGITS }, (_, digit) => String(digit)),
      modalities: { image: modality('image'), audio: modality('audio') },
      splits: { train: slice(whole, 0, cut), validation: validation === 0 ? undefined : slice(whole, cut, whole.labels.length), test },
      root,
      options: { workers: workers ?? 0, cache: 'off' },
      notes: validation === 0 ? [] : [`the last ${validation} training rows are validation`],
      onProgress: this.context.onProgress,
    });
  }
}

function requireFiles(root: string): void {
  const paths = (['train', 'test'] as const)
    .flatMap((split) => [`image/${split}_data.npy`, `audio/${split}_data.npy`, `${split}_labels.npy`])
    .map((name) => join(root, name));
  const absent = paths.filter((path) => !existsSync(path));
  if (absent.length > 0) throw missing('files of AV-MNIST are missing', absent);
}

function readPart(root: string, split: 'train' | 'test'): MediaRows {
  const labelFile = join(root, `${split}_labels.npy`);
  const { data } = readNpy(labelFile);
  const labels = Int32Array.from(data, (label, row) => {
    if (!Number.isInteger(label) || label < 0 || label >= DIGITS)
      throw malformed(labelFile, `row ${row + 1}`, `label ${label} is not a digit`);
    return label;
  });
  const sources: Record<string, RowSource[]> = {};
  for (const [name, size] of Object.entries(SIZES)) {
    const path = join(root, name, `${split}_data.npy`);
    const file = new NpyFile(new FileSource(path));
    if (file.rowSize !== size * size)
      throw malformed(path, '', `expected rows of ${size} x ${size}, the shape is [${file.shape.join(', ')}]`);
    if (file.rows !== labels.length) throw malformed(path, '', `unequal rows: ${file.rows} here, ${labels.length} in ${labelFile}`);
    sources[name] = Array.from(labels, (_, row) => ({ files: [path], row }));
  }
  return { labels, sources };
}

function slice({ labels, sources }: MediaRows, from: number, to: number): MediaRows {
  return {
    labels: labels.slice(from, to),
    sources: Object.fromEntries(Object.entries(sources).map(([name, list]) => [name, list.slice(from, to)])),
  };
}
