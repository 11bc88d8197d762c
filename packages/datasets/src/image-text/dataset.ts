import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatasetContext, LoadedDataset } from '@equimodal/core';
import { IMAGENET, type Normalisation } from '../front-ends/image/image.js';
import { mediaDataset, type MediaRows } from '../media/dataset.js';
import { framesLoader, framesShape, type FramesOptions } from '../media/frames/frames.js';
import { missing } from '../readers/bytes.js';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import { JoinedSplit } from './joined.js';
import type { PostOptions } from './options.js';
import { POST_SPLITS, type Post, type PostList, type PostSplit } from './posts.js';
import { tokensOf, type TextPair, type Tokens } from './tokens.js';

/** The mean and deviation of CLIP's images. */
const CLIP: Normalisation = { mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711] };

/** A modality of tokens: what each post says in it. */
export interface TextModality {
  readonly maxLength: number;
  readonly of: (post: Post) => TextPair;
}

export interface PostDatasetParts {
  readonly classes: readonly string[];
  readonly lists: Readonly<Partial<Record<PostSplit, PostList>>>;
  readonly texts: Readonly<Record<string, TextModality>>;
  /** Folder of the images; undefined where they are not wanted. */
  readonly images: string | undefined;
  /** Folder of the dataset. */
  readonly root: string;
  readonly options: PostOptions;
  readonly context: Pick<DatasetContext, 'baseDir' | 'dataRoot' | 'onProgress'>;
  /** Group of a post, where posts come in groups. */
  readonly groupOf?: (post: Post) => string;
}

type Lists = Readonly<Partial<Record<PostSplit, readonly Post[]>>>;

/**
 * Posts of text and image as a dataset: tokens in memory, images read when they are needed.
 *
 * @throws EQM_DATA_MISSING for images or a vocabulary that are not there.
 */
export async function postDataset(parts: PostDatasetParts): Promise<LoadedDataset> {
  const { classes, texts, options, context } = parts;
  const notes = Object.values(parts.lists).flatMap((list) => list.notes);
  const lists = withImages(parts, notes);
  const tokens = Object.entries(texts).map(([name, modality]): [string, TextModality, Tokens] => {
    const made = tokensOf((lists.train ?? []).map(modality.of), modality.maxLength, options, context);
    if (made.note !== undefined) notes.push(`"${name}": ${made.note}`);
    return [name, modality, made];
  });
  const inMemory = bySplit(lists, (posts) => {
    const rows = tokens.map(([name, { of, maxLength }, { encode }]) => [name, { data: encode(posts.map(of)), rowSize: maxLength }]);
    return new InMemorySplit(labelsOf(posts), Object.fromEntries(rows) as InMemorySplit['modalities'], {
      ids: posts.map(({ id }) => id),
      ...(parts.groupOf === undefined ? {} : { groups: posts.map(parts.groupOf) }),
    });
  });
  const specs = tokens.map(([name, { maxLength }]) => ({ name, kind: 'tokens' as const, shape: [maxLength] }));
  const vocabularies = Object.fromEntries(tokens.map(([name, , { vocabulary }]) => [name, vocabulary]));
  const own = fingerprint(inMemory);
  const fitted = options.vocabulary === 'words' && tokens.length > 0 ? { fitted: 'the vocabulary' } : {};
  const base = { classes, notes, vocabularies, ...fitted };
  if (parts.images === undefined) return { ...base, modalities: specs, splits: inMemory, fingerprint: own };
  const files = await mediaDataset({
    classes,
    modalities: { image: imageModality(options) },
    splits: bySplit(lists, (posts) => imageRows(posts, parts.images!)),
    root: parts.root,
    options,
    notes: [],
    onProgress: context.onProgress,
  });
  return {
    ...base,
    modalities: [...specs, ...files.modalities],
    splits: {
      train: new JoinedSplit(inMemory.train, files.splits.train),
      ...(inMemory.validation === undefined ? {} : { validation: new JoinedSplit(inMemory.validation, files.splits.validation!) }),
      test: new JoinedSplit(inMemory.test, files.splits.test),
    },
    fingerprint: createHash('sha256').update(`${own} ${files.fingerprint}`).digest('hex'),
  };
}

const labelsOf = (posts: readonly Post[]): Int32Array => Int32Array.from(posts, ({ label }) => label);

function bySplit<T>(
  { train = [], validation, test = [] }: Lists,
  make: (posts: readonly Post[]) => T,
): { train: T; validation?: T; test: T } {
  return { train: make(train), ...(validation === undefined ? {} : { validation: make(validation) }), test: make(test) };
}

function imageRows(posts: readonly Post[], folder: string): MediaRows {
  return { labels: labelsOf(posts), sources: { image: posts.map(({ image }) => ({ files: [join(folder, image)] })) } };
}

function imageModality({ size, filter, augment, normalise, truncated }: PostOptions) {
  const named = { imagenet: IMAGENET, clip: CLIP, none: null };
  const options: FramesOptions = {
    count: 1,
    height: size,
    width: size,
    filter,
    normalise: typeof normalise === 'string' ? named[normalise] : normalise,
    truncated,
    ...(augment === 'none' ? {} : { augment: { crop: { kind: 'area', scale: [0.5, 1] }, flip: 0.5 } }),
  };
  return { kind: 'image' as const, loader: framesLoader, options, shape: framesShape(options) };
}

/** The posts whose images are there; what is dropped is noted. @throws EQM_DATA_MISSING with the first images that are not there. */
function withImages({ lists, images, options }: PostDatasetParts, notes: string[]): Lists {
  const kept: Partial<Record<PostSplit, readonly Post[]>> = {};
  for (const name of POST_SPLITS) {
    const list = lists[name];
    if (list === undefined) continue;
    if (images === undefined) {
      kept[name] = list.posts;
      continue;
    }
    if (!existsSync(images)) throw missing('the folder of images is missing', [images]);
    const there = list.posts.filter(({ image }) => statSync(join(images, image), { throwIfNoEntry: false })?.isFile() === true);
    const gone = list.posts.length - there.length;
    if (gone > 0 && options.missing === 'error') {
      const present = new Set(there);
      const absent = list.posts.filter((post) => !present.has(post)).slice(0, 10);
      throw missing(
        `${gone} of ${list.posts.length} images of ${list.file} are missing (the first ${absent.length} follow); "missing: drop" leaves such rows out`,
        absent.map(({ image }) => join(images, image)),
      );
    }
    if (gone > 0) notes.push(`${name}: ${gone} of ${list.posts.length} rows dropped: no image`);
    kept[name] = there;
  }
  return kept;
}
