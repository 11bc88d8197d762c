import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { assembleClips } from '../clips/assemble.js';
import { datasetFolder } from '../clips/folders.js';
import { FrameFinder } from '../clips/frames.js';
import { clipLengths, clipOptions, frameOptions, soundOptions } from '../clips/options.js';
import { soundAndFrames } from '../clips/sound-and-frames.js';
import { SoundFinder } from '../clips/sound.js';
import { videoOf } from '../kinetics-sounds/list.js';
import { missing } from '../readers/bytes.js';
import { readVggSoundList } from './list.js';

const FOLDERS = ['VGGSound', 'vggsound', 'VGGsound', 'vgg-sound'];
const SOUNDS = ['{split}-audios/{split}-set', 'audio/{split}', '{split}_wav', 'audio', ''];
const FRAMES = [
  '{split}-videos/{split}-set-img/Image-01-FPS',
  'video/frames/{split}/Image-01-FPS',
  '{split}_img/Image-01-FPS',
  'Image-01-FPS',
  '',
];
const LISTS = ['vggsound.csv', 'data/VGGSound/vggsound.csv', 'data/vggsound.csv', 'annotations/vggsound.csv'];

const { lists: _lists, ...shared } = clipOptions;
export const vggSoundOptions = z.strictObject({
  ...shared,
  list: z.string().min(1).optional().describe('list of all clips, below the folder of the dataset; default: vggsound.csv'),
  ...clipLengths(4),
  classes: z
    .enum(['sorted', 'first-appearance'])
    .default('sorted')
    .describe('number of a class: by its name, or by its first training row whose files are there'),
  audio: soundOptions({ rate: 16_000, clip: 'tile-5s', within: 10, start: 'random', nFft: 256, hop: 128 }).describe(
    'how the sound is read',
  ),
  visual: frameOptions({ count: 3, pick: 'uniform' }).describe('how the frames are read'),
});
export type VggSoundOptions = z.output<typeof vggSoundOptions>;

/**
 * VGGSound: 309 classes of sounds whose source is seen. `audio` is a spectrogram [frequency, time, 1], `visual` a few frames
 * [frames, height, width, 3]. Groups are the videos.
 */
export const vggSound = definePiece({
  kind: 'dataset',
  id: 'vggsound',
  description: 'VGGSound: 309 classes, sound and frames',
  facts: {
    paper: {
      title: 'VGGSound: A Large-scale Audio-Visual Dataset',
      venue: 'ICASSP 2020',
      url: 'https://www.robots.ox.ac.uk/~vgg/data/vggsound/',
    },
    note: 'clips that are not in the folder are left out and counted',
  },
  options: vggSoundOptions,
  create: (options, context) => new VggSound(options, context),
});

class VggSound implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: VggSoundOptions,
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
      lists: readVggSoundList(findList(root, options.list)),
      finders: {
        audio: new SoundFinder(options.audio, { root, folders: SOUNDS, minSeconds, emptyIsSilence: emptySound === 'silence' }),
        visual: new FrameFinder(options.visual, { root, folders: FRAMES, minFrames, endings: ['', '.mp4'] }),
      },
      classes: { order: options.classes },
      groups: { of: ({ name }) => videoOf(name), called: 'videos' },
    });
  }
}

function findList(root: string, given: string | undefined): string {
  if (given !== undefined) return isAbsolute(given) ? given : join(root, given);
  const paths = LISTS.map((name) => join(root, name));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw missing('the list of clips is missing', paths);
  return found;
}
