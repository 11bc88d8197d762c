import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { mediaDataset, type MediaDatasetParts, type MediaRows } from '../media/dataset.js';
import { framesLoader, framesShape, type FramesOptions } from '../media/frames/frames.js';
import type { MediaSource } from '../media/loader.js';
import { soundLoader, soundShape, type SoundOptions } from '../media/sound/sound.js';
import { missing, readBytes } from '../readers/bytes.js';
import { decodeText } from '../readers/text.js';
import { carveValidation } from '../split/carve.js';
import { splitWords, Vocabulary } from '../tokens/tokens.js';
import { tokensLoader, vectorLoader, type TokenSource } from './loaders.js';
import { foldersOptions, type FolderModality, type FoldersOptions } from './options.js';
import { classesOf, readRows, splitFolder, type FolderRow, type SplitName } from './rows.js';

/** One's own media without any code: `<split>/<class>/<modality>/<id>.*`; what has one id in all modalities is a row. */
export const folders = definePiece({
  kind: 'dataset',
  id: 'folders',
  description: 'your own images, frames, recordings, vectors and texts in folders <split>/<class>/<modality>/<id>',
  facts: { note: 'options name the modalities; PNG and progressive JPEG images need the package sharp' },
  options: foldersOptions,
  create: (options, context) => new Folders(options, context),
});

type Modality = MediaDatasetParts['modalities'][string];

class Folders implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: FoldersOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'random' | 'onProgress'>,
  ) {
    this.modalities = Object.entries(options.modalities).map(([name, { kind }]) => ({ name, kind }));
  }

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const root = join(this.context.requireDataRoot(), options.folder);
    const [train, test] = (['train', 'test'] as const).map((split) => splitFolder(root, split));
    if (train === undefined || test === undefined)
      throw missing(
        'folders of the splits are missing',
        ['train', 'test'].map((name) => join(root, name)).filter((path) => !existsSync(path)),
      );
    const classes = classesOf(train);
    const notes: string[] = [];
    const read = (folder: string, split: SplitName): readonly FolderRow[] => {
      const { rows, notes: about } = readRows(folder, split, classes, options.modalities, options.incomplete);
      notes.push(`${split}: ${rows.length} rows`, ...about);
      return rows;
    };
    const trainRows = read(train, 'train');
    const validation = splitFolder(root, 'validation');
    const validationRows = validation === undefined ? undefined : read(validation, 'validation');
    const testRows = read(test, 'test');
    const labels = Int32Array.from(trainRows, ({ label }) => label);
    const random = this.context.random.at('folders').at(options.seed).at('validation');
    const carved =
      validationRows === undefined && options.validation !== undefined
        ? carveValidation(labels, { fraction: options.validation, random })
        : undefined;
    const pick = (rows: Int32Array): FolderRow[] => Array.from(rows, (row) => trainRows[row]!);
    const fitted = carved === undefined ? trainRows : pick(carved.train);
    const words = this.#vocabularies(fitted, notes);
    const sourcesOf = this.#sources(words);
    const rows = (list: readonly FolderRow[]): MediaRows => ({
      labels: Int32Array.from(list, ({ label }) => label),
      sources: sourcesOf(list),
    });
    const held = carved === undefined ? validationRows : pick(carved.validation);
    const dataset = await mediaDataset({
      classes,
      modalities: Object.fromEntries(Object.entries(options.modalities).map(([name, modality]) => [name, reading(modality)])),
      splits: { train: rows(fitted), validation: held === undefined ? undefined : rows(held), test: rows(testRows) },
      ...{ root, options, notes, onProgress: this.context.onProgress },
    });
    return { ...dataset, vocabularies: Object.fromEntries([...words].map(([name, { pieces }]) => [name, pieces])) };
  }

  /** Words by id, of the modalities of tokens, from the rows that are trained on. */
  #vocabularies(fitted: readonly FolderRow[], notes: string[]): Map<string, Vocabulary> {
    const found = new Map<string, Vocabulary>();
    for (const [name, modality] of Object.entries(this.options.modalities)) {
      if (modality.kind !== 'tokens') continue;
      const vocabulary = new Vocabulary(
        fitted.map((row) => wordsOf(row, name)),
        modality.vocabulary,
      );
      notes.push(`${vocabulary.size} ids of words in "${name}", from training rows`);
      found.set(name, vocabulary);
    }
    return found;
  }

  /** Turns rows into sources. */
  #sources(vocabularies: ReadonlyMap<string, Vocabulary>): (rows: readonly FolderRow[]) => Record<string, MediaSource[]> {
    const makers = Object.entries(this.options.modalities).map(([name, modality]) => {
      const plain = (row: FolderRow): MediaSource => ({ files: row.files[name]! });
      if (modality.kind !== 'tokens') return [name, plain] as const;
      const vocabulary = vocabularies.get(name)!;
      const source = (row: FolderRow): TokenSource => ({
        ...plain(row),
        ids: [...vocabulary.encode(wordsOf(row, name), modality.length).ids],
      });
      return [name, source] as const;
    });
    return (rows) => Object.fromEntries(makers.map(([name, make]) => [name, rows.map(make)]));
  }
}

function wordsOf({ files }: FolderRow, modality: string): string[] {
  const file = files[modality]![0]!;
  return splitWords(decodeText(readBytes(file), file));
}

/** How the files of a modality are read. */
function reading(modality: FolderModality): Modality {
  const { kind } = modality;
  switch (modality.kind) {
    case 'image':
    case 'video': {
      const options: FramesOptions = {
        ...{ count: modality.kind === 'video' ? modality.frames : 1, height: modality.size, width: modality.size },
        ...(modality.kind === 'video' ? { pick: 'uniform' as const } : {}),
        fit: { kind: 'centre', shorter: Math.round((modality.size * 256) / 224) },
        ...(modality.augment ? { augment: { crop: { kind: 'area' as const, scale: [0.5, 1] as const }, flip: 0.5, shared: true } } : {}),
      };
      return { kind, loader: framesLoader, options, shape: framesShape(options) };
    }
    case 'spectrogram': {
      const { rate, seconds, nFft, hop } = modality;
      const options: SoundOptions = {
        rate,
        clip: { length: Math.round(rate * seconds) },
        frontEnd: { kind: 'log-magnitude', nFft, hop },
      };
      return { kind, loader: soundLoader, options, shape: soundShape(options) };
    }
    case 'vector':
      return { kind, loader: vectorLoader, options: { size: modality.size }, shape: [modality.size] };
    case 'tokens':
      return { kind, loader: tokensLoader, options: { length: modality.length }, shape: [modality.length] };
  }
}
