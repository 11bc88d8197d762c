import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import type { Finder } from '../clips/finder.js';
import { datasetFolder, findLists, mapLists } from '../clips/folders.js';
import { framesKind } from '../clips/frames.js';
import { clipOptions, frameOptions } from '../clips/options.js';
import { ColourFinder, FlowImagesFinder } from './finders.js';
import { groupOf, readUcfList } from './list.js';

const FOLDERS = ['UCF101', 'ucf101', 'UCF-101'];
const FRAMES = ['visual', 'jpegs_256', 'rgb', 'frames'];
const FLOW = { u: ['flow_u', 'tvl1_flow/u', 'flow/u', 'u'], v: ['flow_v', 'tvl1_flow/v', 'flow/v', 'v'] };

export const ucf101Options = z
  .strictObject({
    ...clipOptions,
    split: z.int().min(1).max(3).default(1).describe('which of the three published splits'),
    classes: z
      .enum(['sorted', 'first-appearance'])
      .default('sorted')
      .describe('number of a class: by its name, or by its first training row'),
    modalities: z
      .array(z.enum(['rgb', 'flow']))
      .min(1)
      .default(['rgb', 'flow'])
      .describe('which of the two'),
    rgb: frameOptions({ count: 3, pick: 'segments', augment: 'flip' }).describe('how the frames are read'),
    flow: z
      .strictObject({
        folders: z
          .tuple([z.string().min(1), z.string().min(1)])
          .optional()
          .describe('folders of the horizontal and the vertical part, below that of the dataset; default: the usual ones'),
        count: z.int().min(1).max(256).default(3).describe('frames of a clip'),
        pick: z.enum(['first', 'middle', 'uniform', 'segments', 'random']).default('segments').describe('which of the sorted frames'),
        size: z.int().min(8).max(1024).default(224).describe('height and width in pixels'),
        mirror: z
          .enum(['consistent', 'independent', 'none'])
          .default('consistent')
          .describe(
            'training passes mirror half of the frames: both parts, the horizontal one reversed; or each part by itself, as released code',
          ),
        mean: z.number().default(0.1307).describe('subtracted from values in [0, 1]'),
        deviation: z.number().positive().default(0.3081).describe('divided by'),
      })
      .prefault({})
      .describe('how the flow is read'),
  })
  .refine(({ modalities }) => new Set(modalities).size === modalities.length, { path: ['modalities'], error: 'a modality is named twice' });
export type Ucf101Options = z.output<typeof ucf101Options>;

/**
 * UCF101: 101 human actions. `rgb` [3, 224, 224, 3] and `flow` [3, 224, 224, 2], stored as images. Groups are the videos that clips
 * were cut from.
 */
export const ucf101 = definePiece({
  kind: 'dataset',
  id: 'ucf101',
  description: 'UCF101: 101 human actions, frames and optical flow',
  facts: {
    paper: {
      title: 'UCF101: A Dataset of 101 Human Actions Classes From Videos in The Wild',
      venue: 'CRCV-TR-12-01',
      url: 'https://arxiv.org/abs/1212.0402',
    },
    note: 'frames and flow are images that were extracted before',
  },
  options: ucf101Options,
  create: (options, context) => new Ucf101(options, context),
});

class Ucf101 implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: Ucf101Options,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {
    this.modalities = options.modalities.map((name) => ({ name, kind: framesKind(options[name]) }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const root = datasetFolder(options.path, FOLDERS, () => context.requireDataRoot());
    const paths = findLists(root, options.lists, {
      folders: ['ucfTrainTestlist', '', 'annotations'],
      train: [`trainlist0${options.split}.txt`],
      validation: [`vallist0${options.split}.txt`],
      test: [`testlist0${options.split}.txt`],
    });
    return assembleClips({
      ...{ root, options, context },
      lists: mapLists(paths, (path) => readUcfList(path)),
      finders: Object.fromEntries(options.modalities.map((name) => [name, this.#finder(root, name)])),
      classes: { order: options.classes },
      groups: { of: ({ name }) => groupOf(name), called: 'groups' },
    });
  }

  #finder(root: string, name: 'rgb' | 'flow'): Finder {
    const { rgb, flow } = this.options;
    const at = (names: readonly string[]): string[] => names.map((folder) => join(root, folder));
    if (name === 'rgb') return new ColourFinder(at(rgb.folder === undefined ? FRAMES : [rgb.folder]), rgb);
    const { folders, ...options } = flow;
    return new FlowImagesFinder(
      at(folders === undefined ? FLOW.u : [folders[0]]),
      at(folders === undefined ? FLOW.v : [folders[1]]),
      options,
    );
  }
}
