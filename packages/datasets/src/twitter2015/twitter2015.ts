import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { cleanText, withTarget } from '../image-text/cleaning.js';
import { postDataset } from '../image-text/dataset.js';
import { postOptions } from '../image-text/options.js';
import { findFolder, POST_SPLITS, type PostList, type PostSplit } from '../image-text/posts.js';
import { missing } from '../readers/bytes.js';
import { listNames, readTwitterList } from './lists.js';

const PLACES = {
  2015: { folders: ['twitter2015', 'Twitter15', 'Twitter2015', 'absa_data/twitter2015', '.'], images: 'twitter2015_images' },
  2017: { folders: ['twitter2017', 'Twitter17', 'Twitter2017', 'twitter', 'absa_data/twitter', '.'], images: 'twitter2017_images' },
} as const;

export const twitter2015Options = z.strictObject({
  year: z
    .union([z.literal(2015), z.literal(2017)])
    .default(2015)
    .describe('2015, or the sibling of 2017 in the same layout'),
  modalities: z
    .array(z.enum(['text', 'image']))
    .min(1)
    .default(['text', 'image'])
    .describe('which are loaded; [text] needs no images'),
  maxLength: z.int().min(5).default(64).describe('tokens of a text and its target'),
  clean: z
    .enum(['none', 'lowercase', 'caption', 'letters'])
    .default('lowercase')
    .describe('how texts are cleaned before they are taken apart; letters is what a released code does, which loses the target'),
  target: z
    .enum(['pair', 'replace', 'as-is'])
    .default('pair')
    .describe('the target of the opinion: a second text beside the first, in the place of $T$, or not told'),
  ...postOptions,
});
export type Twitter2015Options = z.output<typeof twitter2015Options>;

/** Sentiment towards a target in tweets with images (Yu and Jiang, IJCAI 2019). Three classes; posts of one tweet are a group. */
export const twitter2015 = definePiece({
  kind: 'dataset',
  id: 'twitter2015',
  description: 'tweets with images: sentiment towards a target (Yu and Jiang, 2019), of 2015 or 2017: text, image',
  facts: {
    paper: { title: 'Adapting BERT for Target-Oriented Multimodal Sentiment Classification', venue: 'IJCAI 2019' },
    note: 'reads the original lists (tsv, txt) and the tables with named columns in circulation',
  },
  options: twitter2015Options,
  create: (options, context) => new Twitter2015(options, context),
});

class Twitter2015 implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: Twitter2015Options,
    private readonly context: DatasetContext,
  ) {
    this.modalities = [...new Set(options.modalities)].map((name) => ({ name, kind: name === 'text' ? 'tokens' : 'image' }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const { folders, images } = PLACES[options.year];
    const where = options.folder === undefined ? folders : [options.folder];
    const root = findFolder(context.requireDataRoot(), where, listNames('train'), 'dataset "twitter2015" finds no list of training rows');
    const lists: Partial<Record<PostSplit, PostList>> = {};
    for (const split of POST_SPLITS) {
      const list = readTwitterList(root, split);
      if (list !== undefined) lists[split] = list;
      else if (split !== 'validation')
        throw missing(
          `the ${split} list is missing`,
          listNames(split).map((name) => join(root, name)),
        );
    }
    const wanted = new Set(options.modalities);
    const text = {
      maxLength: options.maxLength,
      of: (post: PostList['posts'][number]) => {
        const { text, pair } = withTarget(post.text, post.target, options.target);
        return { text: cleanText(text, options.clean), ...(pair === undefined ? {} : { pair: cleanText(pair, options.clean) }) };
      },
    };
    const folder = options.images ?? [images, 'images'].find((name) => existsSync(join(root, name))) ?? images;
    return postDataset({
      classes: ['negative', 'neutral', 'positive'],
      lists,
      texts: wanted.has('text') ? { text } : {},
      images: wanted.has('image') ? join(root, folder) : undefined,
      root,
      options,
      context,
      groupOf: ({ image }) => image,
    });
  }
}
