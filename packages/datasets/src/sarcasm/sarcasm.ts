import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { cleanText } from '../image-text/cleaning.js';
import { postDataset, type TextModality } from '../image-text/dataset.js';
import { postOptions } from '../image-text/options.js';
import { findFolder, POST_SPLITS, type Post, type PostList, type PostSplit } from '../image-text/posts.js';
import { missing } from '../readers/bytes.js';
import { listNames, readAttributes, readSarcasmList } from './lists.js';

const KINDS = { text: 'tokens', image: 'image', attributes: 'tokens' } as const;
/** Word pieces that five words take, about. */
const ATTRIBUTE_TOKENS = 16;

export const sarcasmOptions = z.strictObject({
  modalities: z
    .array(z.enum(['text', 'image', 'attributes']))
    .min(1)
    .default(['text', 'image'])
    .describe('which are loaded; attributes are five words for what is in the image; [text] needs no images'),
  maxLength: z.int().min(3).default(75).describe('tokens of a text'),
  clean: z.enum(['none', 'lowercase', 'caption', 'letters']).default('none').describe('how texts are cleaned before they are taken apart'),
  giveaways: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('posts of the original lists with a word that gives the label away (sarcasm, irony, <url>, ...)'),
  labels: z.enum(['human', 'hashtag']).default('human').describe('of the original validation and test lists: whose label'),
  quoting: z.boolean().default(true).describe('cells of .tsv and .csv lists may stand in quotes'),
  ...postOptions,
});
export type SarcasmOptions = z.output<typeof sarcasmOptions>;

/** Multimodal sarcasm detection in tweets (Cai et al., ACL 2019): is what text and image say together meant? Two classes. */
export const sarcasm = definePiece({
  kind: 'dataset',
  id: 'sarcasm',
  description: 'tweets with images, sarcastic or not (Cai et al., 2019): text, image, image attributes',
  facts: {
    paper: { title: 'Multi-Modal Sarcasm Detection in Twitter with Hierarchical Fusion Model', venue: 'ACL 2019' },
    note: 'reads the original lists and the re-annotations in circulation (json, tsv, csv)',
  },
  options: sarcasmOptions,
  create: (options, context) => new Sarcasm(options, context),
});

class Sarcasm implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: SarcasmOptions,
    private readonly context: DatasetContext,
  ) {
    this.modalities = [...new Set(options.modalities)].map((name) => ({ name, kind: KINDS[name] }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, context } = this;
    const wanted = new Set(options.modalities);
    const folders = options.folder === undefined ? ['sarcasm', 'Sarcasm', 'mmsd', '.'] : [options.folder];
    const root = findFolder(context.requireDataRoot(), folders, listNames('train'), 'dataset "sarcasm" finds no list of training rows');
    const lists: Partial<Record<PostSplit, PostList>> = {};
    for (const split of POST_SPLITS) {
      const list = readSarcasmList(root, split, options);
      if (list !== undefined) lists[split] = list;
      else if (split !== 'validation')
        throw missing(
          `the ${split} list is missing`,
          listNames(split).map((name) => join(root, name)),
        );
    }
    const texts: Record<string, TextModality> = {};
    if (wanted.has('text')) texts['text'] = { maxLength: options.maxLength, of: ({ text }) => ({ text: cleanText(text, options.clean) }) };
    if (wanted.has('attributes')) texts['attributes'] = this.#attributes(root, lists);
    return postDataset({
      classes: ['not sarcastic', 'sarcastic'],
      lists,
      texts,
      images: wanted.has('image') ? join(root, options.images ?? 'images') : undefined,
      root,
      options,
      context,
    });
  }

  /** @throws EQM_DATA_MISSING */
  #attributes(root: string, lists: Partial<Record<PostSplit, PostList>>): TextModality {
    const read = readAttributes(root);
    if (read === undefined) throw missing('the list of image attributes is missing', [join(root, 'extract/extract_all')]);
    const tweet = ({ image }: Post): string => image.replace(/\.[^.]*$/, '');
    for (const [split, list] of Object.entries(lists)) {
      const without = list.posts.filter((post) => !read.words.has(tweet(post)));
      if (without.length > 0)
        lists[split as PostSplit] = {
          ...list,
          notes: [...list.notes, `${split}: ${without.length} rows have no attributes; they are absent`],
        };
    }
    const maxLength = this.options.vocabulary === 'words' ? 5 : ATTRIBUTE_TOKENS;
    return { maxLength, of: (post) => ({ text: read.words.get(tweet(post)) ?? '' }) };
  }
}
