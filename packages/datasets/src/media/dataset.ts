import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import type { DataProgress, LoadedDataset, ModalityKind, RowNames } from '@equimodal/core';
import { missing } from '../readers/bytes.js';
import { mediaCacheFolder } from './cache.js';
import type { MediaSource } from './loader.js';
import type { MediaOptions } from './options.js';
import { defaultWorkers } from './pool.js';
import { mediaCacheLimit } from './room/limit.js';
import { MediaReader, MediaSplit, type MediaModality } from './split.js';

/** Labels and sources of one split. */
export interface MediaRows extends RowNames {
  readonly labels: Int32Array;
  readonly sources: Readonly<Record<string, readonly MediaSource[]>>;
}

export interface MediaDatasetParts {
  readonly classes: readonly string[];
  readonly modalities: Readonly<Record<string, MediaModality & { readonly kind: ModalityKind }>>;
  readonly splits: { readonly train: MediaRows; readonly validation?: MediaRows | undefined; readonly test: MediaRows };
  /** Folder that the data lie in: the fingerprint names files from there, so that it survives a move. */
  readonly root: string;
  readonly options: MediaOptions;
  readonly notes: readonly string[];
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
}

/** Rows that are read at once while the cache is filled. */
const CHUNK = 32;

/**
 * A dataset whose rows are read from files when they are needed.
 *
 * @throws EQM_DATA_MISSING for a file that is not there; with `cache: ahead` whatever reading a row throws; EQM_CONFIG_INVALID for a
 *   limit of the cache that is not a size.
 */
export async function mediaDataset(parts: MediaDatasetParts): Promise<LoadedDataset> {
  const { classes, modalities, options, notes } = parts;
  const cache = options.cache === 'off' ? null : mediaCacheFolder();
  if (cache !== null) mediaCacheLimit();
  const reader = new MediaReader(modalities, { cache, workers: options.workers ?? defaultWorkers() });
  const splitOf = ({ labels, sources, ...names }: MediaRows): MediaSplit => new MediaSplit(reader, labels, sources, names);
  const { train, validation, test } = parts.splits;
  const splits = {
    train: splitOf(train),
    ...(validation === undefined ? {} : { validation: splitOf(validation) }),
    test: splitOf(test),
  };
  const fingerprint = mediaFingerprint(parts);
  if (options.cache === 'ahead') await fillCache(Object.values(splits), parts.onProgress);
  return {
    classes,
    modalities: Object.entries(modalities).map(([name, { kind, shape, loader, options: own }]) => ({
      ...{ name, kind, shape, augmented: loader.augments(own) },
    })),
    splits,
    fingerprint,
    notes,
  };
}

/** Reads every row once whose loader keeps something, so that the cache holds it. */
export async function fillCache(splits: readonly MediaSplit[], onProgress: (progress: DataProgress) => void = () => {}): Promise<void> {
  const total = splits.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const split of splits) {
    const { modalities } = split.reader;
    const kept = Object.keys(modalities).filter((name) => modalities[name]!.loader.caches(modalities[name]!.options));
    for (let at = 0; at < split.size && kept.length > 0; at += CHUNK) {
      const rows = Int32Array.from({ length: Math.min(CHUNK, split.size - at) }, (_, i) => at + i);
      await split.read(rows, undefined, kept);
      done += rows.length;
      onProgress({ task: 'decoding files into the cache', done, total });
    }
  }
}

/** SHA-256 over classes, labels, how rows are read, and name and size of every file; not over their content. */
export function mediaFingerprint({ classes, modalities, splits, root }: MediaDatasetParts): string {
  const hash = createHash('sha256');
  const loaders = Object.entries(modalities).map(([name, { loader, options, shape }]) => [
    name,
    loader.name,
    loader.version,
    options,
    shape,
  ]);
  hash.update(JSON.stringify([classes, loaders]));
  for (const [name, rows] of Object.entries(splits) as [string, MediaRows | undefined][]) {
    if (rows === undefined) continue;
    hash.update(`\nsplit ${name} ${rows.labels.join()}\n`);
    for (const modality of Object.keys(modalities)) {
      for (const { files, ...details } of rows.sources[modality] ?? []) {
        const named = files.map((file) => [relative(root, file).replaceAll('\\', '/'), sizeOf(file)]);
        hash.update(`${JSON.stringify([modality, named, details])}\n`);
      }
    }
  }
  return hash.digest('hex');
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw missing('a data file is missing', [file]);
  return found.size;
}
