import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { datasetFolder } from '../clips/folders.js';
import { speakerOf } from '../iemocap/list.js';
import { listFiles } from '../images/list.js';
import { malformed, missing } from '../readers/bytes.js';
import { withHdf5, type Hdf5File } from '../readers/hdf5.js';
import { fitFeatures, readRows, scaleFeatures, type Rows } from '../sentiment/arrays.js';
import { numberedClasses, requireEveryClass } from '../sentiment/classes.js';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import { readTargets, type Target } from './target.js';

const FOLDERS = ['IEMOCAP_features', 'IEMOCAP_features_2021', 'iemocap-features', 'IEMOCAP', 'iemocap'];
const SPLITS = ['train', 'validation', 'test'] as const;
const MODALITIES = ['audio', 'visual', 'text'] as const;
type Modality = (typeof MODALITIES)[number];

/** Folder of a modality, and the steps that released code keeps. */
const LAYOUT = {
  audio: { folder: 'A', steps: 350 },
  visual: { folder: 'V', steps: 50 },
  text: { folder: 'L', steps: 22 },
} as const;

const featureFile = z.string().regex(/^[^/\\]+$/, 'expected the name of a file, without folder or ending');
const steps = (modality: Modality) => z.int().min(1).max(10_000).default(LAYOUT[modality].steps);

export const iemocapFeaturesOptions = z.strictObject({
  path: z
    .string()
    .optional()
    .describe('folder of the dataset, relative to the data root; default: the first of the usual names that is there'),
  fold: z.int().min(1).default(1).describe('which of the folds in target/; their speakers differ'),
  modalities: z
    .array(z.enum(MODALITIES))
    .min(1)
    .default([...MODALITIES])
    .describe('which of the three'),
  files: z
    .strictObject({ audio: featureFile.optional(), visual: featureFile.optional(), text: featureFile.optional() })
    .default({})
    .describe('names of the HDF5 files in A/, V/ and L/, without ending; default: the one that is there'),
  time: z.enum(['sequence', 'mean']).default('sequence').describe('all steps (kind sequence), or their mean (kind vector)'),
  steps: z
    .strictObject({ audio: steps('audio'), visual: steps('visual'), text: steps('text') })
    .prefault({})
    .describe('steps that a sequence keeps; shorter ones are filled with zeros behind'),
  standardizeAudio: z
    .enum(['none', 'train', 'utterance'])
    .default('train')
    .describe('each feature of the sound, less its mean and divided by its deviation over the training utterances, or over the utterance'),
});
export type IemocapFeaturesOptions = z.output<typeof iemocapFeaturesOptions>;

/**
 * IEMOCAP as features that were extracted before, in HDF5 files keyed by utterance, with folds by speaker. Groups are the speakers.
 *
 * Source: Busso et al., IEMOCAP: interactive emotional dyadic motion capture database, Language Resources and Evaluation 2008.
 */
export const iemocapFeatures = definePiece({
  kind: 'dataset',
  id: 'iemocap-features',
  description: 'IEMOCAP as features of voice, face and words (HDF5), fold by fold',
  facts: {
    paper: {
      title: 'IEMOCAP: interactive emotional dyadic motion capture database',
      venue: 'Language Resources and Evaluation 2008',
      url: 'https://sail.usc.edu/iemocap/',
    },
    note: 'needs A/, V/, L/ (HDF5) and target/<fold>/ in its folder',
  },
  options: iemocapFeaturesOptions,
  create: (options, context) => new IemocapFeatures(options, context),
});

class IemocapFeatures implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: IemocapFeaturesOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {
    const kind = options.time === 'sequence' ? 'sequence' : 'vector';
    this.modalities = [...new Set(options.modalities)].map((name) => ({ name, kind }));
  }

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const root = datasetFolder(options.path, FOLDERS, () => this.context.requireDataRoot());
    const targets = readTargets(root, options.fold);
    const classes = numberedClasses(SPLITS.map((split) => targets[split].labels));
    requireEveryClass(classes, targets.train.labels, targets.train.file);
    const rows: Partial<Record<Modality, Record<(typeof SPLITS)[number], Rows>>> = {};
    for (const name of [...new Set(options.modalities)]) rows[name] = await this.#rows(root, name, targets);
    const notes = [`fold ${options.fold}`, ...repeated(targets)];
    for (const [name, read] of Object.entries(rows)) {
      const replaced = SPLITS.reduce((sum, split) => sum + read[split].replaced, 0);
      if (replaced > 0) notes.push(`${replaced} values of "${name}" were not finite and are zero`);
    }
    const splits = Object.fromEntries(
      SPLITS.map((split) => {
        const arrays = Object.entries(rows).map(([name, read]) => [name, { data: read[split].data, rowSize: sizeOf(read[split].shape) }]);
        const { labels, names } = targets[split];
        return [split, new InMemorySplit(labels, Object.fromEntries(arrays), { groups: names.map(speakerOf), ids: [...names] })];
      }),
    ) as Record<(typeof SPLITS)[number], InMemorySplit>;
    return {
      classes,
      modalities: this.modalities.map(({ name, kind }) => ({ name, kind, shape: rows[name as Modality]!.train.shape })),
      splits,
      fingerprint: fingerprint(splits),
      notes,
    };
  }

  async #rows(root: string, name: Modality, targets: Readonly<Record<string, Target>>): Promise<Record<(typeof SPLITS)[number], Rows>> {
    const { options, context } = this;
    const path = fileOf(join(root, LAYOUT[name].folder), options.files[name]);
    const total = SPLITS.reduce((sum, split) => sum + targets[split]!.names.length, 0);
    let done = 0;
    const read = await withHdf5(path, (file) => {
      const features = utterance(file, targets['train']!.names[0]!).features;
      const ofSplit = (split: string): Rows => {
        const { names } = targets[split]!;
        const row = (at: number): ArrayLike<number> => {
          const found = utterance(file, names[at]!);
          if (found.features !== features)
            throw malformed(path, names[at]!, `the utterance has ${found.features} features, the first one has ${features}`);
          if (++done % 500 === 0) context.onProgress?.({ task: `reading ${name}`, done, total });
          return found.data;
        };
        const maxLength = options.steps[name];
        return readRows({ rows: names.length, features, longest: maxLength, row }, path, { time: options.time, maxLength });
      };
      return { train: ofSplit('train'), validation: ofSplit('validation'), test: ofSplit('test') };
    });
    if (name === 'audio') standardize(read, options.standardizeAudio);
    return read;
  }
}

/** Steps of an utterance, [steps, features]. */
function utterance(file: Hdf5File, name: string): { readonly features: number; readonly data: ArrayLike<number> } {
  const { shape, data } = file.array(name);
  if (shape.length !== 2 || data.length === 0)
    throw malformed(file.path, `dataset ${name}`, `expected [steps, features], the shape is [${shape.join(', ')}]`);
  return { features: shape[1]!, data };
}

/** The file that is named, else the only one. */
function fileOf(folder: string, name: string | undefined): string {
  if (name !== undefined) return join(folder, `${name}.h5`);
  const files = listFiles(folder, { endings: ['.h5', '.hdf5'] });
  if (files.length === 1) return files[0]!;
  if (files.length === 0) throw missing('there is no HDF5 file of features', [join(folder, '<features>.h5')]);
  throw malformed(folder, '', `there are ${files.length} HDF5 files; name one with "files": ${files.slice(0, 10).join(', ')}`);
}

function standardize(read: Readonly<Record<(typeof SPLITS)[number], Rows>>, over: IemocapFeaturesOptions['standardizeAudio']): void {
  if (over === 'none') return;
  const all = (rows: Rows): Int32Array => Int32Array.from(rows.present.keys());
  if (over === 'train') {
    const fitted = fitFeatures(read.train, all(read.train));
    for (const split of SPLITS) scaleFeatures(read[split], fitted);
    return;
  }
  for (const split of SPLITS) {
    const { data, shape } = read[split];
    const size = sizeOf(shape);
    for (const row of all(read[split])) {
      const one: Rows = { ...read[split], data: data.subarray(row * size, (row + 1) * size) };
      scaleFeatures(one, fitFeatures(one, Int32Array.of(0)));
    }
  }
}

/** Notes on utterances that two splits share. */
function repeated(targets: Readonly<Record<string, Target>>): string[] {
  const train = new Set(targets['train']!.names);
  return (['validation', 'test'] as const).flatMap((split) => {
    const shared = targets[split]!.names.filter((name) => train.has(name)).length;
    return shared === 0 ? [] : [`${shared} utterances of ${split} are in train too`];
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
