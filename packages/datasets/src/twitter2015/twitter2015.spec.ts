import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, survives, temporaryFolder } from '../data-root.fixture.js';
import { jpeg, loadPiece, wordsOf, writeBelow } from '../image-text/posts.fixture.js';
import { readTwitterList } from './lists.js';
import { twitter2015 } from './twitter2015.js';

const root = temporaryFolder();
const load = (options: object, folder = root) => loadPiece(twitter2015, { workers: 0, ...options }, folder);
const HEADER = 'index\t#1 Label\t#2 ImageID\t#3 String\t#3 String\n';
const TRAIN = `1\t2\t11.jpg\tRT @ fan : $T$ is "great\tReal Madrid\n2\t0\t11.jpg\tReal Madrid beat $T$\tBarca\n3\t1\t12.jpg\t$T$ and Real Madrid is RT\tParis\n`;

beforeAll(async () => {
  writeBelow(root, 'twitter2015/train.tsv', HEADER + TRAIN);
  writeBelow(root, 'twitter2015/dev.tsv', `${HEADER}1\t1\t12.jpg\t$T$ is\tMadrid\n`);
  // the header of the original test list names four columns
  writeBelow(root, 'twitter2015/test.tsv', 'index\t#1 ImageID\t#2 String\t#2 String\n1\t2\t11.jpg\tI love $T$\tParis\n');
  for (const id of ['11', '12']) writeBelow(root, `twitter2015/twitter2015_images/${id}.jpg`, await jpeg(10, 20, 30));
});

describe('twitter2015', () => {
  it('reads the original tables by position, whatever their headers, quotes being text; posts of one image are a group', async () => {
    const data = await load({ size: 3 });
    expect(data.classes).toEqual(['negative', 'neutral', 'positive']);
    expect([...data.splits.train.labels, ...data.splits.validation!.labels, ...data.splits.test.labels]).toEqual([2, 0, 1, 1, 2]);
    expect(data.splits.train.groups).toEqual(['11.jpg', '11.jpg', '12.jpg']);
    expect(data.splits.test.ids).toEqual(['11.jpg: Paris']);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[64], [3, 3, 3]]);
    expect((await data.splits.test.read(Int32Array.of(0)))['image']).toHaveLength(27);
  });

  it('puts the target beside the text, in its place, or leaves it out', async () => {
    const first = async (options: object) => wordsOf(await load({ modalities: ['text'], ...options }), 'train', 0);
    expect(await first({})).toBe('rt [UNK] [UNK] [UNK] $t$ is [UNK] real madrid');
    expect(await first({ target: 'replace' })).toBe('rt [UNK] [UNK] [UNK] real madrid is [UNK]');
    expect(await first({ target: 'as-is', clean: 'letters' })).toBe('rt [UNK] t is [UNK]');
  });

  it('gives a pair of word pieces', async () => {
    writeBelow(root, 'vocab.txt', ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '$', 't', 'love', 'i', 'paris'].join('\n'));
    const data = await load({ modalities: ['text'], vocabulary: 'vocab.txt' });
    expect(await wordsOf(data, 'test', 0)).toBe('[CLS] i love $ t $ [SEP] paris [SEP]');
  });

  it('reads four lines a post as it reads the table, and that of 2017 in the same layout', async () => {
    const folder = temporaryFolder();
    const text = TRAIN.trimEnd()
      .split('\n')
      .map((line) => {
        const [, label, image, post, target] = line.split('\t');
        return `${post}\n${target}\n${Number(label) - 1}\n${image}\n`;
      })
      .join('');
    writeBelow(folder, 'twitter2017/train.txt', text);
    writeBelow(folder, 'twitter2017/test.txt', text);
    const [four, table] = [await load({ year: 2017, modalities: ['text'] }, folder), await load({ modalities: ['text'] })];
    expect(four.splits.train.labels).toEqual(table.splits.train.labels);
    expect(four.splits.train.ids).toEqual(table.splits.train.ids);
    expect(four.splits.validation).toBeUndefined();
    const rows = Int32Array.of(0, 1, 2);
    expect(await four.splits.train.read(rows)).toEqual(await table.splits.train.read(rows));
  });

  it('reads tables with named columns by name', async () => {
    const folder = temporaryFolder();
    writeBelow(folder, 'Twitter15/annotations/train.tsv', 'Label\tString\tImageID\n2\tlove "$T$\t5.jpg\n0\thate\t6.jpg\n');
    writeBelow(folder, 'Twitter15/annotations/test.tsv', 'ImageID\tLabel\tString\n5.jpg\t1\thm\n');
    const data = await load({ modalities: ['text'] }, folder);
    expect([data.splits.train.ids, data.splits.train.labels]).toEqual([['5.jpg', '6.jpg'], Int32Array.of(2, 0)]);
  });
});

describe('what is wrong', () => {
  const list = (name: string, text: string) => {
    const folder = join(root, 'wrong');
    rmSync(folder, { recursive: true, force: true });
    writeBelow(folder, name, text);
    return () => readTwitterList(folder, 'train');
  };

  it.each([
    ['a fourth class', 'train.tsv', `${HEADER}1\t3\t1.jpg\ta\tb\n`, 'line 2'],
    ['missing columns', 'train.tsv', `${HEADER}1\t1\t1.jpg\ta\tb\n2\t1\t1.jpg\ta\n`, 'line 3'],
    ['an image that leads out of the folder', 'train.tsv', `${HEADER}1\t1\t../1.jpg\ta\tb\n`, 'line 2'],
    ['a polarity of two', 'train.txt', 'a $T$\nb\n2\n1.jpg\n', 'line 3'],
    ['a post of three lines', 'train.txt', 'a $T$\nb\n1\n1.jpg\na\nb\n1\n', 'line 7'],
  ])('refuses %s', async (_, name, text, place) => {
    const error = await coded(list(name, text));
    expect([error.code, error.where!.includes(`${name}, ${place}`)]).toEqual(['EQM_DATA_MALFORMED', true]);
  });

  it('names missing columns of a named table', async () => {
    const error = await coded(list('train.tsv', 'ImageID\tText\tLabel\n1.jpg\ta\t0\n'));
    expect(error.message).toContain('no column "String"');
  });

  it('survives lists that are cut or changed anywhere', () => {
    const good = HEADER + TRAIN;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ maxLength: 3 }), fc.constantFrom('train.tsv', 'train.txt'), (at, put, name) =>
        survives(list(name, good.slice(0, at) + put + good.slice(at + 1))),
      ),
      { numRuns: 60 },
    );
  });
});
