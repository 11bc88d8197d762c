import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { listFiles } from '../images/list.js';
import { mediaDataset, type MediaRows } from '../media/dataset.js';
import { framesLoader, framesShape, type FramesOptions } from '../media/frames/frames.js';
import type { MediaSource } from '../media/loader.js';
import { mediaOptions } from '../media/options.js';
import type { MediaModality } from '../media/split.js';
import { malformed, missing } from '../readers/bytes.js';
import { carveValidation } from '../split/carve.js';
import { isTurntable, readTurntable, turnedLoader } from './turntable.js';
import { viewLoader, type ViewSource } from './views.js';

export const modelnet40Options = z.strictObject({
  folder: z.string().default('modelnet40').describe('folder of the dataset, relative to the data root'),
  layout: z
    .enum(['views', 'turntable'])
    .default('views')
    .describe('views: <class>/{train,test}/, 12 views of an object; turntable: lists in pt/, 180 views of an object in image/'),
  views: z
    .array(z.int().min(0))
    .min(1)
    .default([0, 6])
    .describe('layout views: views of an object, counted from 0, one a modality; 0 and 6 of 12 are opposite'),
  arcs: z
    .array(z.tuple([z.int().min(0), z.int().min(0)]).refine(([first, last]) => first <= last, 'the first view comes after the last one'))
    .min(1)
    .default([
      [0, 90],
      [90, 179],
    ])
    .describe('layout turntable: first and last of the views that a modality is drawn from in training passes'),
  still: z
    .enum(['middle', 'drawn'])
    .default('middle')
    .describe(
      'layout turntable: view outside of training passes, the one in the middle of the arc or one that the name of the object decides',
    ),
  size: z.int().min(8).max(1024).default(224).describe('pixels of a side'),
  flip: z.boolean().optional().describe('mirror training images at random, each view by itself; default: in layout views'),
  incomplete: z.enum(['error', 'drop']).default('error').describe('what to do with an object that lacks one of the views'),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('share of the training objects that is carved for validation; default: the trainer carves'),
  seed: z.int().min(0).default(0).describe('which objects are validation; independent of the seed of a run'),
  ...mediaOptions,
});
export type Modelnet40Options = z.output<typeof modelnet40Options>;

/**
 * ModelNet40 as images of two sides: every modality is one rendered view [size, size, 3] of the same object.
 *
 * Source: Wu et al., 3D ShapeNets, CVPR 2015; views of Su et al., Multi-view convolutional neural networks, ICCV 2015.
 */
export const modelnet40 = definePiece({
  kind: 'dataset',
  id: 'modelnet40',
  description: 'ModelNet40 objects as rendered views, front and rear by default (images or converted arrays)',
  facts: { note: 'needs modelnet40/<class>/{train,test}/ (or pt/ and image/) in the data root; PNG images need the package sharp' },
  options: modelnet40Options,
  create: (options, context) => new Modelnet40(options, context),
});

interface Objects extends MediaRows {
  readonly arrays: boolean;
  readonly dropped: number;
}

/** What a layout has: objects of the published split, and how their modalities are read. */
interface Found {
  readonly classes: readonly string[];
  readonly train: MediaRows & { readonly dropped: number };
  readonly test: MediaRows & { readonly dropped: number };
  readonly readings: Readonly<Record<string, MediaModality>>;
}

class Modelnet40 implements Dataset {
  readonly modalities: Dataset['modalities'];
  readonly #names: readonly string[];

  constructor(
    private readonly options: Modelnet40Options,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'random' | 'onProgress'>,
  ) {
    const parts = options.layout === 'views' ? options.views : options.arcs.map(([first]) => first);
    // Two of them are the front and the rear.
    this.#names = parts.map((part, i) => (parts.length === 2 ? ['front', 'rear'][i]! : `view${part}`));
    this.modalities = this.#names.map((name) => ({ name, kind: 'image' }));
  }

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const root = join(this.context.requireDataRoot(), options.folder);
    if (!existsSync(root)) throw missing('the folder of ModelNet40 is missing', [root]);
    const { classes, train, test, readings } = options.layout === 'views' ? this.#views(root) : await this.#turntable(root);
    const random = this.context.random.at('modelnet40').at(options.seed).at('validation');
    const carved = options.validation === undefined ? undefined : carveValidation(train.labels, { fraction: options.validation, random });
    const notes = Object.entries({ train, test }).flatMap(([split, { dropped }]) =>
      dropped === 0 ? [] : [`${split}: ${dropped} objects dropped: a view is missing`],
    );
    return mediaDataset({
      classes,
      modalities: Object.fromEntries(Object.entries(readings).map(([name, reading]) => [name, { ...reading, kind: 'image' as const }])),
      splits: {
        train: carved === undefined ? train : pick(train, carved.train),
        validation: carved === undefined ? undefined : pick(train, carved.validation),
        test,
      },
      root,
      options,
      notes: [`${classes.length} classes, ${train.labels.length} training and ${test.labels.length} test objects`, ...notes],
      onProgress: this.context.onProgress,
    });
  }

  #views(root: string): Found {
    const { size, flip = true } = this.options;
    const classes = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'train')))
      .map(({ name }) => name)
      .sort();
    if (classes.length < 2) throw missing('the folder of ModelNet40 holds no <class>/train folders', [root], undefined, layoutFix(root));
    const train = this.#objects(root, classes, 'train');
    const test = this.#objects(root, classes, 'test');
    if (train.arrays !== test.arrays)
      throw malformed(root, '', 'training and test objects are not of one kind: images here, converted arrays there');
    const shape = framesShape({ count: 1, height: size, width: size });
    const frames: FramesOptions = { count: 1, height: size, width: size, ...(flip ? { augment: { flip: 0.5 } } : {}) };
    const reading = train.arrays
      ? { loader: viewLoader, options: { size, flip }, shape }
      : { loader: framesLoader, options: frames, shape };
    return { classes, train, test, readings: Object.fromEntries(this.#names.map((name) => [name, reading])) };
  }

  /** Images as they are, cut to size: at random in training passes, else in the middle. */
  async #turntable(root: string): Promise<Found> {
    const { arcs, still, size, flip = false, incomplete } = this.options;
    const byName = Object.fromEntries(this.#names.map((name, i) => [name, arcs[i]!]));
    const augment = { crop: { kind: 'place' }, ...(flip ? { flip: 0.5 } : {}) } as const;
    const frames: FramesOptions = { count: 1, height: size, width: size, fit: { kind: 'centre' }, augment };
    const readings = Object.entries(byName).map(([name, arc]) => {
      const reading = { loader: turnedLoader, options: { arc, still, frames }, shape: framesShape(frames) };
      return [name, reading] as const;
    });
    return { ...(await readTurntable(root, byName, incomplete)), readings: Object.fromEntries(readings) };
  }

  /** Objects by class, then by name. */
  #objects(root: string, classes: readonly string[], split: 'train' | 'test'): Objects {
    const labels: number[] = [];
    const sources: Record<string, MediaSource[]> = Object.fromEntries(this.modalities.map(({ name }) => [name, []]));
    let arrays: boolean | undefined;
    let dropped = 0;
    for (const [label, name] of classes.entries()) {
      const folder = join(root, name, split);
      const converted = listFiles(folder, { endings: ['.npy'] });
      const ofClass = converted.length > 0;
      if (arrays !== undefined && arrays !== ofClass) throw malformed(folder, '', 'some classes hold images, others converted arrays');
      arrays = ofClass;
      const objects = ofClass ? converted.map((file) => [file]) : [...viewsByObject(folder).values()];
      for (const files of objects) {
        const found = this.#sources(files, ofClass);
        if (found === undefined && this.options.incomplete === 'error')
          throw malformed(
            files[0]!,
            '',
            `the object has ${files.length} views; ${this.options.views.join(', ')} are asked for (counted from 0)`,
            undefined,
            'Restore the images, or set "incomplete: drop".',
          );
        if (found === undefined) {
          dropped++;
          continue;
        }
        labels.push(label);
        found.forEach((source, i) => sources[this.#names[i]!]!.push(source));
      }
    }
    if (labels.length === 0) throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split is empty`, { where: root });
    return { labels: Int32Array.from(labels), sources, arrays: arrays!, dropped };
  }

  #sources(files: readonly string[], arrays: boolean): MediaSource[] | undefined {
    const { views } = this.options;
    if (arrays) return views.map((view): ViewSource => ({ files, view }));
    const chosen = views.flatMap((view) => files[view] ?? []);
    return chosen.length < views.length ? undefined : chosen.map((file) => ({ files: [file] }));
  }
}

/** What may be meant by a folder without classes. */
const layoutFix = (root: string): string | undefined =>
  isTurntable(root) ? 'There are lists in pt/: set "layout: turntable".' : undefined;

/** Views of each object, in the order of their numbers: the object is what stands before ".obj." in the name. */
function viewsByObject(folder: string): Map<string, string[]> {
  const objects = new Map<string, string[]>();
  for (const file of listFiles(folder)) {
    const name = basename(file);
    const end = name.indexOf('.obj.');
    if (end < 0) throw malformed(file, '', 'expected a name like <object>.obj.shaded_v001.png');
    const files = objects.get(name.slice(0, end));
    if (files === undefined) objects.set(name.slice(0, end), [file]);
    else files.push(file);
  }
  return objects;
}

function pick({ labels, sources }: MediaRows, rows: Int32Array): MediaRows {
  return {
    labels: rows.map((row) => labels[row]!),
    sources: Object.fromEntries(Object.entries(sources).map(([name, list]) => [name, Array.from(rows, (row) => list[row]!)])),
  };
}
