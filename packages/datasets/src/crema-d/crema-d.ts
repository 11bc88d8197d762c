import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import { datasetFolder, findLists, mapLists } from '../clips/folders.js';
import { FrameFinder } from '../clips/frames.js';
import type { ClipLists } from '../clips/list.js';
import { classOrder, clipOptions, frameOptions, soundOptions } from '../clips/options.js';
import { soundAndFrames } from '../clips/sound-and-frames.js';
import { SoundFinder } from '../clips/sound.js';
import { actorLists } from './actors.js';
import { actorOf, EMOTIONS, readCremaList } from './list.js';

/** Usual names of the folder, and what lies where in it. */
const FOLDERS = ['CREMAD', 'CREMA-D', 'CREMA', 'crema-d', 'cremad'];
const SOUNDS = ['AudioWAV', 'Audio', '{split}_wav', 'audio', 'Audio-299', 'audio/{split}_fbank', '{split}_fbank'];
const FRAMES = ['Image-01-FPS', '{split}_img/Image-01-FPS', 'Image-02-FPS', 'Image-03-FPS', 'visual', 'visual/{split}_imgs'];
const LISTS = {
  folders: ['annotations', '', 'data/CREMAD', 'data'],
  train: ['train.csv', 'my_train.csv', 'my_train_cre.txt', 'train.txt'],
  validation: ['valid.csv', 'val.csv', 'validation.csv', 'my_valid_cre.txt'],
  test: ['test.csv', 'my_test_cre.txt', 'test.txt'],
};

/** What the dataset's own notes call damaged. */
const DAMAGED: Readonly<Record<string, string>> = {
  '1076_MTI_NEU_XX': 'a place in the list of damaged clips',
  '1076_MTI_SAD_XX': 'a place in the list of damaged clips',
  '1064_TIE_SAD_XX': 'a place in the list of damaged clips',
  '1064_IEO_DIS_MD': 'a place in the list of damaged clips',
};

const share = (fallback: number) => z.number().gt(0).lt(1).default(fallback);

export const cremaDOptions = z
  .strictObject({
    ...clipOptions,
    split: z
      .enum(['lists', 'actors'])
      .default('lists')
      .describe(
        'lists: as the lists say (actors are on both sides in those that circulate); actors: nobody is in two splits, lists are not read',
      ),
    actors: z
      .strictObject({
        validation: share(0.1).describe('share of the clips'),
        test: share(0.2).describe('share of the clips'),
        seed: z.int().min(0).default(0).describe('which actors; independent of the seed of a run'),
      })
      .refine(({ validation, test }) => validation + test < 1, { error: 'validation and test leave nothing to train on' })
      .prefault({})
      .describe('how clips are parted where `split` is actors'),
    classes: classOrder('fixed'),
    damaged: z.enum(['drop', 'keep']).default('drop').describe('the four clips that the notes of the dataset call damaged'),
    audio: soundOptions({ rate: 22_050, clip: 'tile-3s', start: 'first', nFft: 512, hop: 353 }).describe('how the sound is read'),
    visual: frameOptions({ count: 1, pick: 'first' }).describe('how the frames are read'),
  })
  .describe('CREMA-D');
export type CremaDOptions = z.output<typeof cremaDOptions>;

/**
 * CREMA-D: acted emotions of 91 speakers, six classes. `audio` is a spectrogram of the voice [frequency, time, 1], `visual` one
 * frame [height, width, 3] or several [frames, height, width, 3]. Groups are the actors.
 */
export const cremaD = definePiece({
  kind: 'dataset',
  id: 'crema-d',
  description: 'CREMA-D: emotions, voice and face; the folder with AudioWAV and Image-01-FPS',
  facts: {
    paper: {
      title: 'CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset',
      venue: 'IEEE Transactions on Affective Computing 2014',
      url: 'https://github.com/CheyneyComputerScience/CREMA-D',
    },
    note: 'in the lists that circulate every actor is in train and in test; `split: actors` parts them',
  },
  options: cremaDOptions,
  create: (options, context) => new CremaD(options, context),
});

class CremaD implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: CremaDOptions,
    private readonly context: Pick<DatasetContext, 'random' | 'requireDataRoot' | 'onProgress'>,
  ) {
    this.modalities = soundAndFrames(options);
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const root = datasetFolder(options.path, FOLDERS, () => context.requireDataRoot());
    const audio = new SoundFinder(options.audio, { root, folders: SOUNDS });
    const visual = new FrameFinder(options.visual, { root, folders: FRAMES, minFrames: 1 });
    return assembleClips({
      ...{ root, options, context },
      lists: options.split === 'actors' ? this.#byActor(root, audio) : readCremaLists(root, options.lists),
      finders: { audio, visual },
      classes: { order: options.classes, fixed: EMOTIONS },
      exclude: ({ name }) => (options.damaged === 'drop' ? DAMAGED[name] : undefined),
      groups: { of: ({ name }) => actorOf(name), called: 'actors' },
    });
  }

  #byActor(root: string, audio: SoundFinder): ClipLists {
    const { seed, ...shares } = this.options.actors;
    audio.check();
    return actorLists(audio.stems(), shares, this.context.random.at('crema-d').at('actors').at(seed), root);
  }
}

/** The lists of a folder. @throws EQM_DATA_MISSING with every path that was looked for; EQM_DATA_MALFORMED */
export function readCremaLists(root: string, given: CremaDOptions['lists']): ClipLists {
  return mapLists(findLists(root, given, LISTS), (path) => readCremaList(path));
}
