import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, realData, temporaryFolder } from '../data-root.fixture.js';
import { mmsd, mmsdOptions } from './mmsd.js';

const load = (options: object, root?: string): Promise<LoadedDataset> =>
  mmsd.create(mmsdOptions.parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();
const rows = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function writeRoot(train = ["['1', 'so good <user>', 0]", `['2', "it 's so so good", 1]`, "['3', 'what irony', 1]"]): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'mmsd/text'), { recursive: true });
  mkdirSync(join(root, 'mmsd/extract'));
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(root, 'mmsd', name), lines.map((line) => `${line}\r\n`).join(''));
  write('text/train.txt', train);
  write('text/valid2.txt', ["['4', 'so bad', 1, 0]"]);
  write('text/test2.txt', ["['5', 'good \\u2764', 0, 1]", "['1', 'good', 0, 0]"]);
  write('extract/extract_all', ["['1', 'cat', 'dog', 'cat', 'tree', 'man']", "['4', 'cat', 'x', 'y', 'z', 'w']"]);
  return root;
}

describe('mmsd', () => {
  it('gives words and attributes as ids of the training tweets, and counts what it drops', async () => {
    const data = await load({ length: 4 }, writeRoot());
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[4], [5]]);
    expect(await data.splits.train.read(rows(2))).toEqual({
      // so 2, good 3, <user> 4, it 5, 's 6
      text: Int32Array.from([2, 3, 4, 0, 5, 6, 2, 2]),
      attributes: Int32Array.from([2, 3, 2, 4, 5, 0, 0, 0, 0, 0]),
    });
    expect(data.vocabularies!['text']!.slice(0, 5)).toEqual(['', '[unknown]', 'so', 'good', '<user>']);
    expect(data.vocabularies!['attributes']!.slice(2, 5)).toEqual(['cat', 'dog', 'tree']);
    expect((await data.splits.validation!.read(rows(1)))['text']).toEqual(Int32Array.from([2, 1, 0, 0]));
    expect([...data.splits.validation!.labels, ...data.splits.test.labels]).toEqual([0, 1, 0]);
    expect(data.notes).toEqual([
      '7 ids of words, 6 of attributes, from training tweets',
      'train: 1 of 3 tweets dropped: a word gives the class away',
      'train: 1 tweets have no attributes; theirs are padding',
      'train: 1 tweets are longer than 4 words and are cut',
      'test: 1 tweets have no attributes; theirs are padding',
      'test: 1 tweets have an id that stood before, in this split or another',
    ]);
  });

  it('follows its options', async () => {
    const root = writeRoot();
    const data = await load({ labels: 'hashtag', telling: 'keep', vocabulary: 3 }, root);
    expect(data.splits.train.size).toBe(3);
    expect([...data.splits.test.labels]).toEqual([0, 0]);
    const text = (await data.splits.train.read(rows(3)))['text']!;
    expect(Math.max(...text)).toBe(2);
  });

  it('names file and line of what is wrong, and every missing file', async () => {
    const root = writeRoot(["['1', 'a', 0]", "['2', 'b', 2]"]);
    expect((await coded(() => load({}, root))).where).toContain('train.txt, line 2');
    expect((await coded(() => load({}, temporaryFolder()))).problems).toHaveLength(4);
    expect((await coded(() => load({}, writeRoot(["['1', 'irony', 0]"])))).code).toBe('EQM_DATA_SPLIT');
  });
});

describe.skipIf(realData === undefined)('mmsd on the real files (needs EQUIMODAL_DATA)', () => {
  it('has 19816, 2410 and 2409 tweets', async () => {
    const data = await load({}, realData);
    const sizes = [data.splits.train, data.splits.validation!, data.splits.test].map(({ size, labels }) => [
      size,
      labels.filter((label) => label === 1).length,
    ]);
    expect(sizes).toEqual([
      [19816, 8642],
      [2410, 959],
      [2409, 959],
    ]);
  }, 15_000);
});
