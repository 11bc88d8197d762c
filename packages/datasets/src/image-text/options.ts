import { z } from 'zod';
import { mediaOptions } from '../media/options.js';

const three = z.array(z.number()).length(3);

/** Options that datasets of posts have in common. */
export const postOptions = {
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('folder of the dataset below the data root; default: the usual names, then the data root itself'),
  vocabulary: z
    .string()
    .min(1)
    .default('words')
    .describe(
      'path of a vocab.txt of word pieces, or of a vocab.json of byte pairs with merges.txt beside it (relative to the experiment file, else to the data root); "words" counts those of the training texts',
    ),
  lowercase: z.boolean().default(true).describe('of word pieces: lower case without accents, as uncased vocabularies want'),
  specialTokens: z
    .boolean()
    .default(true)
    .describe('of word pieces: [CLS] before the text, [SEP] behind it; of byte pairs: start and end of text'),
  images: z.string().min(1).optional().describe('folder of the images, below the folder of the dataset'),
  missing: z.enum(['error', 'drop']).default('error').describe('what becomes of a row whose image is not there'),
  size: z.int().min(1).max(1024).default(224).describe('height and width of the images in pixels'),
  filter: z.enum(['bilinear', 'bicubic']).default('bicubic').describe('how images are resized'),
  augment: z
    .enum(['none', 'resized-crop'])
    .default('none')
    .describe('what is random in training passes: nothing, or a box of half to all of the area, resized, and mirroring'),
  normalise: z
    .union([z.enum(['imagenet', 'clip', 'none']), z.strictObject({ mean: three, deviation: three })])
    .default('imagenet')
    .describe('mean and deviation of the channels, of values in [0, 1]'),
  truncated: z.boolean().default(false).describe('accept images that end early'),
  ...mediaOptions,
};
export type PostOptions = z.output<z.ZodObject<typeof postOptions>>;
