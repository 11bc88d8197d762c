import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import type { Finder } from '../clips/finder.js';
import { datasetFolder, findLists, mapLists } from '../clips/folders.js';
import type { ClipLists } from '../clips/list.js';
import { classOrder, clipOptions } from '../clips/options.js';
import type { VideoOptions } from '../media/video/video.js';
import { FlowFinder, SensorFinder } from './finders.js';
import { GESTURES, readGestureList, subjectOf } from './list.js';

const FOLDERS = ['NVGesture', 'nvGesture', 'nvgesture', 'nvGesture_v1.1', 'nvGesture_v1'];
const called = (split: string): string[] => [
  `nvgesture_${split}_correct_cvpr2016_v2.lst`,
  `nvgesture_${split}_correct_v2.lst`,
  `nvgesture_${split}_correct_cvpr2016.lst`,
];
const LISTS = { folders: [''], train: called('train'), validation: called('valid'), test: called('test') };

export const nvGestureOptions = z
  .strictObject({
    ...clipOptions,
    classes: classOrder('fixed'),
    modalities: z
      .array(z.enum(['rgb', 'flow', 'depth']))
      .min(1)
      .default(['rgb', 'flow', 'depth'])
      .describe('which of the three; flow is no part of the release, it is computed and stored beside it'),
    frames: z.int().min(1).max(1000).default(64).describe('consecutive frames of a clip that are taken'),
    length: z.int().min(1).max(1000).default(80).describe('frames of a clip; those that it lacks are black'),
    flowFrames: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('frames of flow that are taken, missing ones zero; default: those of the first clip'),
    size: z.int().min(8).max(1024).default(256).describe('pixels that frames are stretched to'),
    crop: z.int().min(8).max(1024).default(224).describe('pixels of the part that is taken'),
    augment: z
      .boolean()
      .default(true)
      .describe('training passes: one random part and start for all modalities of a clip; else the middle and the first'),
    channelOrder: z
      .enum(['rgb', 'bgr'])
      .default('rgb')
      .describe('bgr: as OpenCV reads, with mean and deviation in the order of RGB all the same'),
  })
  .refine(({ crop, size }) => crop <= size, { path: ['crop'], error: 'expected at most `size`' })
  .refine(({ frames, length }) => frames <= length, { path: ['frames'], error: 'expected at most `length`' })
  .refine(({ modalities }) => new Set(modalities).size === modalities.length, { path: ['modalities'], error: 'a modality is named twice' });
export type NvGestureOptions = z.output<typeof nvGestureOptions>;

/**
 * NVGesture: 25 hand gestures by 20 subjects. `rgb` [64, 224, 224, 3], `flow` [frames, 224, 224, 2] and `depth` [64, 224, 224, 1].
 * Groups are the subjects.
 */
export const nvGesture = definePiece({
  kind: 'dataset',
  id: 'nvgesture',
  description: 'NVGesture: 25 hand gestures in colour, flow and depth',
  facts: {
    paper: {
      title: 'Online Detection and Classification of Dynamic Hand Gestures with Recurrent 3D Convolutional Neural Networks',
      venue: 'CVPR 2016',
    },
    note: 'videos are decoded by ffmpeg, frames that were extracted need no other program',
  },
  options: nvGestureOptions,
  create: (options, context) => new NvGesture(options, context),
});

class NvGesture implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: NvGestureOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {
    this.modalities = options.modalities.map((name) => ({ name, kind: 'video' }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const root = datasetFolder(options.path, FOLDERS, () => context.requireDataRoot());
    const lists: ClipLists = mapLists(findLists(root, options.lists, LISTS), (path) => readGestureList(path));
    return assembleClips({
      ...{ root, options, context, lists },
      finders: Object.fromEntries(options.modalities.map((name) => [name, this.#finder(root, lists, name)])),
      classes: { order: options.classes, fixed: GESTURES },
      groups: { of: ({ name }) => subjectOf(name), called: 'subjects' },
    });
  }

  #finder(root: string, lists: ClipLists, name: NvGestureOptions['modalities'][number]): Finder {
    const { frames, length, size, crop, augment, channelOrder, flowFrames } = this.options;
    const video = { length, take: frames, size, crop, still: !augment };
    const sensor = (which: 'color' | 'depth', channels: VideoOptions['channels']): Finder =>
      new SensorFinder(root, which, { ...video, channels });
    switch (name) {
      case 'rgb':
        return sensor('color', channelOrder);
      case 'depth':
        return sensor('depth', 'red');
      case 'flow':
        return new FlowFinder(root, lists, { frames: flowFrames, crop, still: !augment });
    }
  }
}
