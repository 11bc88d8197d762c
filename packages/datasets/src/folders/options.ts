import { z } from 'zod';
import { mediaOptions } from '../media/options.js';

const size = z.int().min(8).max(1024).default(224).describe('pixels of a side');
const augment = z
  .boolean()
  .default(true)
  .describe('training images are a random part, mirrored at random; else the middle, as in evaluation');

const modality = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('image').describe('one image a row'), size, augment }),
  z.strictObject({
    kind: z.literal('video').describe('a folder of frames a row'),
    frames: z.int().min(2).max(256).default(8).describe('frames of a row, spread evenly'),
    size,
    augment,
  }),
  z.strictObject({
    kind: z.literal('spectrogram').describe('one .wav file a row'),
    rate: z.int().min(1000).max(192_000).default(16_000).describe('Hz that recordings are resampled to'),
    seconds: z.number().positive().max(600).default(3).describe('the first seconds; shorter recordings are repeated'),
    nFft: z.int().min(16).max(8192).default(512).describe('window in samples, a power of two'),
    hop: z.int().min(1).max(8192).default(256).describe('samples between frames'),
  }),
  z.strictObject({
    kind: z.literal('vector').describe('one array a row: .npy, .npz, .pkl or .pt'),
    size: z.int().min(1).max(1_000_000).describe('numbers of a row'),
  }),
  z.strictObject({
    kind: z.literal('tokens').describe('one .txt file a row'),
    length: z.int().min(1).max(10_000).default(75).describe('words of a row; longer texts are cut'),
    vocabulary: z.int().min(3).default(30_000).describe('most ids, padding (0) and unknown (1) among them; the encoder needs as many'),
  }),
]);
export type FolderModality = z.output<typeof modality>;

export const foldersOptions = z.strictObject({
  folder: z.string().default('.').describe('folder with <split>/<class>/<modality>/<id>.*, relative to the data root'),
  modalities: z
    .record(z.string().regex(/^[\w-]+$/, 'expected a name of letters, digits, _ and -'), modality)
    .refine((names) => Object.keys(names).length > 0, 'expected at least one modality')
    .describe('what stands in the folder of each modality, by its name'),
  incomplete: z.enum(['drop', 'error']).default('drop').describe('rows that lack a modality: left out and counted, or refused'),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('share of the training rows that is carved, where there is no validation folder; default: the trainer carves'),
  seed: z.int().min(0).default(0).describe('which rows are validation; independent of the seed of a run'),
  ...mediaOptions,
});
export type FoldersOptions = z.output<typeof foldersOptions>;
