import { join } from 'node:path';
import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import { Vocabulary } from '../tokens/tokens.js';
import { FILES, readAttributes, readTweets, requireFiles, type Tweets } from './files.js';

const SPLITS = ['train', 'validation', 'test'] as const;
const ATTRIBUTE_COUNT = 5;

export const mmsdOptions = z.strictObject({
  folder: z.string().default('mmsd').describe('folder with text/ and extract/, relative to the data root'),
  length: z.int().min(1).max(1000).default(75).describe('words of a tweet; longer ones are cut'),
  vocabulary: z
    .int()
    .min(3)
    .default(30_000)
    .describe('most token ids of a modality, padding (0) and unknown (1) among them; the encoder needs as many'),
  labels: z.enum(['human', 'hashtag']).default('human').describe('label of validation and test tweets: of people, or of the hashtag'),
  telling: z
    .enum(['drop', 'keep'])
    .default('drop')
    .describe('tweets with words that give the class away (sarcasm, irony, <url>, ...): left out as the authors do, or kept'),
});
export type MmsdOptions = z.output<typeof mmsdOptions>;

/**
 * Multimodal sarcasm detection: the words of a tweet, `text` [length], and five words that describe its image, `attributes` [5]. Ids come
 * from training tweets only; 0 is padding, 1 a word that training tweets do not have.
 *
 * Source: Cai, Cai and Wan, Multi-modal sarcasm detection in Twitter with hierarchical fusion model, ACL 2019.
 */
export const mmsd = definePiece({
  kind: 'dataset',
  id: 'mmsd',
  description: 'sarcasm in tweets from their words and five attributes of their image, as tokens',
  facts: { note: 'needs mmsd/ in the data root; the images themselves are not read' },
  options: mmsdOptions,
  create: (options, context) => new Mmsd(options, context),
});

class Mmsd implements Dataset {
  readonly modalities = [
    { name: 'text', kind: 'tokens' },
    { name: 'attributes', kind: 'tokens' },
  ] as const;

  constructor(
    private readonly options: MmsdOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot'>,
  ) {}

  async load(): Promise<LoadedDataset> {
    const { labels, telling, vocabulary, length } = this.options;
    const root = join(this.context.requireDataRoot(), this.options.folder);
    requireFiles(root);
    const notes: string[] = [];
    const read = Object.fromEntries(SPLITS.map((split) => [split, readTweets(join(root, FILES[split]), { labels, telling })])) as Record<
      (typeof SPLITS)[number],
      Tweets
    >;
    const attributes = readAttributes(root);
    const described = (id: string): readonly string[] => attributes.get(id) ?? [];
    const words = new Vocabulary(
      read.train.tweets.map((tweet) => tweet.words),
      vocabulary,
    );
    const things = new Vocabulary(
      read.train.tweets.map(({ id }) => described(id)),
      vocabulary,
    );
    notes.push(`${words.size} ids of words, ${things.size} of attributes, from training tweets`);
    const seen = new Set<string>();
    const splitOf = (split: (typeof SPLITS)[number]): InMemorySplit => {
      const { tweets, lines, telling: dropped } = read[split];
      if (tweets.length === 0)
        throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split is empty`, { where: join(root, FILES[split]) });
      const text = new Int32Array(tweets.length * length);
      const image = new Int32Array(tweets.length * ATTRIBUTE_COUNT);
      tweets.forEach((tweet, row) => {
        words.encode(tweet.words, length, text.subarray(row * length, (row + 1) * length));
        things.encode(described(tweet.id), ATTRIBUTE_COUNT, image.subarray(row * ATTRIBUTE_COUNT, (row + 1) * ATTRIBUTE_COUNT));
      });
      if (dropped > 0) notes.push(`${split}: ${dropped} of ${lines} tweets dropped: a word gives the class away`);
      const bare = tweets.filter(({ id }) => !attributes.has(id)).length;
      if (bare > 0) notes.push(`${split}: ${bare} tweets have no attributes; theirs are padding`);
      const long = tweets.filter((tweet) => tweet.words.length > length).length;
      if (long > 0) notes.push(`${split}: ${long} tweets are longer than ${length} words and are cut`);
      const known = tweets.filter(({ id }) => seen.has(id)).length;
      if (known > 0) notes.push(`${split}: ${known} tweets have an id that stood before, in this split or another`);
      for (const { id } of tweets) seen.add(id);
      return new InMemorySplit(
        Int32Array.from(tweets, ({ label }) => label),
        { text: { data: text, rowSize: length }, attributes: { data: image, rowSize: ATTRIBUTE_COUNT } },
      );
    };
    const splits = { train: splitOf('train'), validation: splitOf('validation'), test: splitOf('test') };
    return {
      classes: ['not sarcastic', 'sarcastic'],
      modalities: [
        { name: 'text', kind: 'tokens', shape: [length] },
        { name: 'attributes', kind: 'tokens', shape: [ATTRIBUTE_COUNT] },
      ],
      splits,
      fingerprint: fingerprint(splits),
      notes,
      vocabularies: { text: words.pieces, attributes: things.pieces },
    };
  }
}
