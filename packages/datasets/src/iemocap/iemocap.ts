import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import { datasetFolder, findLists, mapLists } from '../clips/folders.js';
import { FrameFinder, framesKind } from '../clips/frames.js';
import { clipOptions, frameOptions, soundOptions } from '../clips/options.js';
import { SoundFinder, soundKind } from '../clips/sound.js';
import { readIemocapList, speakerOf } from './list.js';
import { TokensFinder } from './tokens.js';

const FOLDERS = ['IEMOCAP', 'iemocap', 'Iemocap'];
const SOUNDS = ['audio/{split}_fbank', '{split}_fbank', 'audio', 'audio/{split}', 'AudioWAV'];
const FRAMES = ['visual/{split}_imgs', '{split}_imgs', 'visual'];
const TOKENS = ['text_token/{split}_token', 'text_token', '{split}_token'];
const LISTS = {
  folders: ['data', '', 'annotations'],
  train: ['my_train_iemo.txt'],
  validation: ['my_dev_iemo.txt'],
  test: ['my_test_iemo.txt'],
};

export const iemocapOptions = z.strictObject({
  ...clipOptions,
  classes: z
    .enum(['sorted', 'first-appearance'])
    .default('sorted')
    .describe('number of a class: by its name, or by its first training row'),
  modalities: z
    .array(z.enum(['audio', 'visual', 'text']))
    .min(1)
    .default(['audio', 'visual', 'text'])
    .describe('which of the three'),
  audio: soundOptions({ rate: 16_000, clip: 'tile-10s', start: 'first', nFft: 512, hop: 160 }).describe('how the sound is read'),
  visual: frameOptions({ count: 1, pick: 'middle' }).describe('how the faces are read'),
});
export type IemocapOptions = z.output<typeof iemocapOptions>;

/**
 * IEMOCAP in the layout of released code: four emotions. `audio` is a stored spectrogram [time, bands, 1], `visual` a face
 * [height, width, 3], `text` the ids of tokens [length]. Groups are the speakers.
 */
export const iemocap = definePiece({
  kind: 'dataset',
  id: 'iemocap',
  description: 'IEMOCAP: four emotions; voice, face and words, extracted before',
  facts: {
    paper: {
      title: 'IEMOCAP: interactive emotional dyadic motion capture database',
      venue: 'Language Resources and Evaluation 2008',
      url: 'https://sail.usc.edu/iemocap/',
    },
    note: 'in the lists that circulate speakers are in train and in test',
  },
  options: iemocapOptions,
  create: (options, context) => new Iemocap(options, context),
});

class Iemocap implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: IemocapOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {
    const kinds = { audio: soundKind(options.audio), visual: framesKind(options.visual), text: 'tokens' } as const;
    this.modalities = options.modalities.map((name) => ({ name, kind: kinds[name] }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const root = datasetFolder(options.path, FOLDERS, () => context.requireDataRoot());
    const paths = findLists(root, options.lists, LISTS);
    const finders = {
      audio: new SoundFinder(options.audio, { root, folders: SOUNDS }),
      visual: new FrameFinder(options.visual, { root, folders: FRAMES, minFrames: 1 }),
      text: new TokensFinder(root, TOKENS),
    };
    return assembleClips({
      ...{ root, options, context },
      lists: mapLists(paths, (path) => readIemocapList(path)),
      finders: Object.fromEntries(options.modalities.map((name) => [name, finders[name]])),
      classes: { order: options.classes },
      groups: { of: ({ name }) => speakerOf(name), called: 'speakers' },
    });
  }
}
