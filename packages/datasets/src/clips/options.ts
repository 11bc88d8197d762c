import { z } from 'zod';
import { mediaOptions } from '../media/options.js';

/** Defaults of the sound of a dataset. */
export interface SoundDefaults {
  readonly rate: number | null;
  readonly clip: string;
  readonly within?: number;
  readonly start: 'first' | 'centre' | 'random' | 'hashed';
  readonly nFft: number;
  readonly hop: number;
}

/** Part of a sound: what fills it and how long it is. */
const CLIP = /^(?:whole|(tile|zeros)-(\d+(?:\.\d+)?)(s?))$/;

/** Options of a modality of sound. */
export const soundOptions = (defaults: SoundDefaults) =>
  z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          'folder of the files, below that of the dataset; "{split}" stands for train, validation and test; default: the usual ones',
        ),
      spectrum: z
        .enum(['auto', 'log-magnitude', 'log-density', 'fbank', 'samples', 'stored'])
        .default('auto')
        .describe(
          'log-magnitude: ln(|STFT| + 1e-7); log-density: standardised power spectral density; fbank: mel bands of Kaldi; samples: none; stored: arrays as they lie in the folder; auto: log-magnitude where there are sounds, else stored',
        ),
      rate: z
        .int()
        .min(1000)
        .max(192_000)
        .nullable()
        .default(defaults.rate)
        .describe('Hz that sounds are resampled to; null takes them as they are'),
      resample: z.enum(['soxr-hq', 'kaiser-best', 'polyphase']).default('soxr-hq').describe('how sounds are resampled'),
      clip: z
        .string()
        .regex(CLIP, 'expected tile-3s (repeated and cut to 3 s), zeros-10s (filled with zeros), tile-160000 (samples), or whole')
        .default(defaults.clip)
        .describe(
          'length: "tile-3s" repeats a sound and cuts it to 3 s, "zeros-10s" fills it, "tile-160000" counts samples; "whole" is for fbank',
        ),
      within: z
        .number()
        .positive()
        .max(3600)
        .nullable()
        .default(defaults.within ?? null)
        .describe('seconds that a sound is first repeated to, so that a part of them can be taken; null: those of the clip'),
      start: z
        .enum(['first', 'centre', 'random', 'hashed'])
        .default(defaults.start)
        .describe('where the part begins: random in training passes (else in the middle), or at a place that the name of the file decides'),
      nFft: z.int().min(16).max(8192).default(defaults.nFft).describe('samples of a window, a power of two'),
      hop: z.int().min(1).default(defaults.hop).describe('samples between windows of log-magnitude'),
      overlap: z.int().min(0).default(353).describe('samples that windows of log-density share'),
      padMode: z
        .enum(['zeros', 'reflect', 'edge'])
        .default('zeros')
        .describe('what lies before and behind a sound: zeros, as librosa since 0.9, or reflect, as before'),
      bands: z.int().min(1).max(512).default(128).describe('mel bands of fbank'),
      frames: z.int().min(1).default(1024).describe('frames of fbank; missing ones are zero'),
      centred: z.boolean().default(true).describe('fbank: subtract the mean of the sound first'),
      mean: z.number().default(0).describe('fbank and stored arrays: subtracted'),
      deviation: z.number().positive().default(1).describe('fbank and stored arrays: divided by'),
      timeFirst: z.boolean().default(false).describe('time before frequency'),
    })
    .refine(({ nFft }) => Number.isInteger(Math.log2(nFft)), { path: ['nFft'], error: 'expected a power of two' })
    .refine(({ overlap, nFft, spectrum }) => spectrum !== 'log-density' || overlap < nFft, {
      path: ['overlap'],
      error: 'expected less than nFft',
    })
    .refine(({ clip, spectrum }) => clip !== 'whole' || spectrum === 'fbank' || spectrum === 'stored', {
      path: ['clip'],
      error: 'only fbank takes whole sounds: others need one length',
    })
    .prefault({});
export type SoundChoice = z.output<ReturnType<typeof soundOptions>>;

/** The parts of a `clip`: undefined for whole sounds. */
export function clipParts(
  clip: string,
): { readonly fill: 'tile' | 'zeros'; readonly amount: number; readonly seconds: boolean } | undefined {
  const [, fill, amount, unit] = CLIP.exec(clip) ?? [];
  if (fill === undefined) return undefined;
  return { fill: fill as 'tile' | 'zeros', amount: Number(amount), seconds: unit === 's' };
}

export interface FramesDefaults {
  readonly count: number;
  readonly pick: 'first' | 'middle' | 'uniform' | 'segments' | 'random';
  readonly augment?: 'crop-flip' | 'flip';
}

/** Options of a modality of frames that lie as images, a folder a clip. */
export const frameOptions = (defaults: FramesDefaults) =>
  z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe('folder that holds a folder of images a clip; "{split}" stands for train, validation and test; default: the usual ones'),
      count: z.int().min(1).max(256).default(defaults.count).describe('frames of a clip; one makes an image, more a video'),
      pick: z
        .enum(['first', 'middle', 'uniform', 'segments', 'random'])
        .default(defaults.pick)
        .describe('which of the sorted frames; segments and random draw in training passes'),
      order: z.enum(['number', 'name']).default('number').describe('how frames are sorted: by the last number of the name, or by name'),
      size: z.int().min(8).max(1024).default(224).describe('height and width in pixels'),
      fit: z
        .enum(['stretch', 'centre'])
        .default('stretch')
        .describe('stretch: to the size, proportions change; centre: the shorter side to 8/7 of the size, then the middle'),
      augment: z
        .enum(['crop-flip', 'crop', 'flip', 'none'])
        .default(defaults.augment ?? 'crop-flip')
        .describe('training passes: a random resized crop, mirrored half of the time; one of the two; or neither'),
      normalise: z.enum(['imagenet', 'none']).default('imagenet').describe('mean and deviation of ImageNet; none leaves values in [0, 1]'),
      channelOrder: z
        .enum(['rgb', 'bgr'])
        .default('rgb')
        .describe('bgr as OpenCV; mean and deviation are applied in the order of RGB all the same'),
      truncated: z.boolean().default(false).describe('accept images that end early; default: refuse them'),
    })
    .prefault({});
export type FrameChoice = z.output<ReturnType<typeof frameOptions>>;

/** Options that datasets of clips share. */
export const clipOptions = {
  path: z.string().min(1).optional().describe('folder of the dataset, below the data root; default: the usual names, else the data root'),
  lists: z
    .strictObject({ train: z.string().min(1), validation: z.string().min(1).optional(), test: z.string().min(1) })
    .optional()
    .describe('lists of clips, below the folder of the dataset; default: the usual names'),
  overlap: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('training rows that are in validation or test too, and validation rows that are in test: leave them out, or keep them'),
  incomplete: z
    .enum(['drop', 'refuse'])
    .default('drop')
    .describe('rows whose files are missing, empty or too short: leave them out and count them, or refuse the dataset'),
  ...mediaOptions,
};

export const classOrder = (fallback: 'fixed' | 'sorted') =>
  z
    .enum(['fixed', 'sorted', 'first-appearance'])
    .default(fallback)
    .describe('number of a class: by the fixed list, by its name, or by its first training row whose files are there');

/** Options of datasets that leave short clips out. */
export const clipLengths = (minFrames: number) => ({
  minFrames: z.int().min(1).default(minFrames).describe('clips with fewer frames are left out'),
  minSeconds: z.number().min(0).default(0).describe('clips with a shorter sound are left out'),
  emptySound: z
    .enum(['drop', 'silence'])
    .default('drop')
    .describe('sounds without samples: the clip is left out, or counts as one sample of silence'),
});
