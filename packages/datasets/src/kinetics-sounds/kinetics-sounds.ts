import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import { datasetFolder, findLists } from '../clips/folders.js';
import { FrameFinder } from '../clips/frames.js';
import type { ClipLists } from '../clips/list.js';
import { classOrder, clipLengths, clipOptions, frameOptions, soundOptions } from '../clips/options.js';
import { soundAndFrames } from '../clips/sound-and-frames.js';
import { SoundFinder } from '../clips/sound.js';
import { KINETICS_SOUNDS, readKineticsList, videoOf } from './list.js';

const FOLDERS = ['kinetics_sound', 'kinetics-sounds', 'kinetics_sounds', 'KineticSound', 'KineticsSound', 'KineticsSounds', 'ks'];
const SOUNDS = ['{split}_wav', 'audio', 'audio/{split}', 'AudioWAV', 'audio/{split}_fbank', '{split}_fbank'];
const FRAMES = ['{split}_img/Image-01-FPS', 'Image-01-FPS', '{split}_img', 'visual/{split}_imgs', 'visual', 'video'];
const LISTS = {
  folders: ['annotations', '', 'data/KineticSound', 'data'],
  train: ['train.csv', 'my_train.txt', 'my_train_ks.txt', 'train.txt', 'KS_train_val.json', 'KS.json'],
  validation: ['valid.csv', 'val.csv', 'validation.csv', 'my_val.txt', 'my_valid_ks.txt', 'KS_train_val.json', 'KS.json'],
  test: ['test.csv', 'my_test.txt', 'my_test_ks.txt', 'test.txt', 'KS_train_val.json', 'KS.json'],
};

export const kineticsSoundsOptions = z.strictObject({
  ...clipOptions,
  ...clipLengths(4),
  classes: classOrder('fixed'),
  audio: soundOptions({ rate: 35_400, clip: 'tile-10s', start: 'first', nFft: 512, hop: 353 }).describe('how the sound is read'),
  visual: frameOptions({ count: 3, pick: 'uniform' }).describe('how the frames are read'),
});
export type KineticsSoundsOptions = z.output<typeof kineticsSoundsOptions>;

/**
 * Kinetics-Sounds: 31 classes of actions that are seen and heard. `audio` is a spectrogram [frequency, time, 1], `visual` a few
 * frames [frames, height, width, 3]. Groups are the videos.
 */
export const kineticsSounds = definePiece({
  kind: 'dataset',
  id: 'kinetics-sounds',
  description: 'Kinetics-Sounds: 31 actions, sound and frames',
  facts: {
    paper: { title: 'Look, Listen and Learn', venue: 'ICCV 2017', url: 'https://arxiv.org/abs/1705.08168' },
    note: 'clips without sound, or with fewer than four frames, are left out and counted',
  },
  options: kineticsSoundsOptions,
  create: (options, context) => new KineticsSounds(options, context),
});

class KineticsSounds implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: KineticsSoundsOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'onProgress'>,
  ) {
    this.modalities = soundAndFrames(options);
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const root = datasetFolder(options.path, FOLDERS, () => context.requireDataRoot());
    const { minFrames, minSeconds, emptySound } = options;
    return assembleClips({
      ...{ root, options, context },
      lists: readKineticsLists(root, options),
      finders: {
        audio: new SoundFinder(options.audio, { root, folders: SOUNDS, minSeconds, emptyIsSilence: emptySound === 'silence' }),
        visual: new FrameFinder(options.visual, { root, folders: FRAMES, minFrames }),
      },
      classes: { order: options.classes, fixed: KINETICS_SOUNDS },
      groups: { of: ({ name }) => videoOf(name), called: 'videos' },
    });
  }
}

/** The lists of a folder. @throws EQM_DATA_MISSING with every path that was looked for; EQM_DATA_MALFORMED */
export function readKineticsLists(root: string, { lists, classes }: Pick<KineticsSoundsOptions, 'lists' | 'classes'>): ClipLists {
  const paths = findLists(root, lists, LISTS);
  const known = classes === 'fixed';
  const held = paths.validation === undefined ? [] : readKineticsList(paths.validation, 'validation', known);
  return {
    train: readKineticsList(paths.train, 'train', known),
    validation: held.length === 0 ? undefined : held,
    test: readKineticsList(paths.test, 'test', known),
  };
}
