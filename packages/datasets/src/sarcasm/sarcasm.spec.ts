import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, realData, survives, temporaryFolder } from '../data-root.fixture.js';
import { jpeg, loadPiece, wordsOf, writeBelow } from '../image-text/posts.fixture.js';
import { readSarcasmList } from './lists.js';
import { sarcasm, sarcasmOptions } from './sarcasm.js';

const root = temporaryFolder();
const load = (options: object, folder = root) => loadPiece(sarcasm, { workers: 0, ...options }, folder);
const crlf = (...lines: string[]): string => lines.map((line) => `${line}\r\n`).join('');

beforeAll(async () => {
  writeBelow(
    root,
    'sarcasm/text/train.txt',
    crlf(
      `['101', 'what a wonderful monday emoji_15 ', 1]`,
      `['102', "it 's a monday \\u2026", 0]`,
      `['103', 'so much irony here', 1]`,
      `['104', 'what a #sarcasm monday', 1]`,
      `['105', 'see <url>', 0]`,
    ),
  );
  writeBelow(root, 'sarcasm/text/valid2.txt', crlf(`['201', 'a monday', 1, 0]`, `['202', 'what "wonderful" rain', 1, 1]`));
  writeBelow(root, 'sarcasm/text/test2.txt', crlf(`['301', 'what a day', 0, 1]`));
  writeBelow(
    root,
    'sarcasm/extract/extract_all',
    crlf(`['101', 'sky', 'rain', 'sky', 'bed', 'cat']`, `['102', 'cat', 'cat', 'cat', 'cat', 'cat']`),
  );
  for (const [i, id] of ['101', '102', '104', '201', '202', '301'].entries())
    writeBelow(root, `sarcasm/images/${id}.jpg`, await jpeg(40 * i, 255 - 40 * i, 100));
});

describe('the original lists', () => {
  it('drop posts that give the label away, say how many, and take the label of people', async () => {
    const data = await load({});
    expect(data.classes).toEqual(['not sarcastic', 'sarcastic']);
    expect(data.splits.train.ids).toEqual(['101', '102', '104']); // "#sarcasm" is another word than "sarcasm"
    expect([...data.splits.train.labels, ...data.splits.validation!.labels, ...data.splits.test.labels]).toEqual([1, 0, 1, 0, 1, 1]);
    expect(data.notes![0]).toBe('train: 2 of 5 rows of train.txt dropped: a word that gives the label away');
    expect((await load({ giveaways: 'keep', modalities: ['text'] })).splits.train.size).toBe(5);
    const byHashtag = await load({ labels: 'hashtag' });
    expect([...byHashtag.splits.validation!.labels, ...byHashtag.splits.test.labels]).toEqual([1, 1, 0]);
  });

  it('give tokens of text and images that are decoded when they are read', async () => {
    const data = await load({ size: 4, normalise: 'none', maxLength: 6 });
    expect(data.modalities.map(({ name, kind, shape }) => [name, kind, ...shape])).toEqual([
      ['text', 'tokens', 6],
      ['image', 'image', 4, 4, 3],
    ]);
    expect(await wordsOf(data, 'train', 0)).toBe('what a [UNK] monday [UNK]');
    expect(await wordsOf(data, 'test', 0)).toBe('what a [UNK]');
    const { image, text } = await data.splits.train.read(Int32Array.of(1));
    expect([image!.length, text!.length]).toEqual([48, 6]);
    [40, 215, 100].forEach((value, c) => expect(Math.abs(255 * image![c]! - value)).toBeLessThan(4));
    expect(Object.keys(await data.splits.train.read(Int32Array.of(1), undefined, ['text']))).toEqual(['text']);
    expect(data.fingerprint).toBe((await load({ size: 4, normalise: 'none', maxLength: 6 })).fingerprint);
    expect(data.fingerprint).not.toBe((await load({ size: 4, normalise: 'none', maxLength: 7 })).fingerprint);
  });

  it('have attributes of images, and need no images where none are wanted', async () => {
    const data = await load({ modalities: ['text', 'attributes'] });
    expect(await wordsOf(data, 'train', 0, 'attributes')).toBe('sky [UNK] sky [UNK] cat');
    expect(data.notes).toContain('train: 1 rows have no attributes; they are absent');
    expect([...(await data.splits.train.read(Int32Array.of(2)))['attributes']!]).toEqual([0, 0, 0, 0, 0]);
  });

  it('go through a vocabulary of word pieces', async () => {
    writeBelow(root, 'vocab.txt', ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'what', 'a', 'mon', '##day', 'day'].join('\n'));
    const data = await load({ modalities: ['text'], vocabulary: 'vocab.txt', maxLength: 6 });
    expect(await wordsOf(data, 'test', 0)).toBe('[CLS] what a day [SEP]');
    expect([data.fitted, (await load({ modalities: ['text'] })).fitted]).toEqual([undefined, 'the vocabulary']);
    const gone = await coded(() => load({ modalities: ['text'], vocabulary: 'none.txt' }));
    expect([gone.code, gone.problems.at(-1)!.message]).toEqual(['EQM_DATA_MISSING', join(root, 'none.txt')]);
  });

  it('go through byte pairs', async () => {
    const pieces = ['w', 'h', 'a', 't', 'w</w>', 'h</w>', 'a</w>', 't</w>', 'wh', 'at</w>', '<|startoftext|>', '<|endoftext|>'];
    const vocabulary = (ids: unknown) => writeBelow(root, 'clip/vocab.json', JSON.stringify(ids));
    vocabulary(Object.fromEntries(pieces.map((piece, id) => [piece, id])));
    const options = { modalities: ['text'], vocabulary: 'clip/vocab.json', maxLength: 8 };
    const noMerges = await coded(() => load(options));
    expect([noMerges.code, noMerges.problems.at(-1)!.message]).toEqual(['EQM_DATA_MISSING', join(root, 'clip/merges.txt')]);
    writeBelow(root, 'clip/merges.txt', '#version: 0.2\nw h\na t</w>\n');
    expect(await wordsOf(await load(options), 'test', 0)).toMatch(/^<\|startoftext\|> wh at<\/w> a<\/w> /);
    vocabulary({ 'w</w>': 7 });
    expect((await coded(() => load(options))).message).toContain('the id of "w</w>" is 7; ids are 0 to 0');
    vocabulary([1]);
    expect((await coded(() => load(options))).code).toBe('EQM_DATA_MALFORMED');
  });
});

describe('the re-annotations', () => {
  it('are a JSON array, or a table with named columns in any order', async () => {
    const folder = temporaryFolder();
    const posts = [
      { image: 'a/b/7.jpg', text: 'irony of <person>', label: '1' },
      { image: '8.jpg', text: 'Well, well', label: 0 },
    ];
    writeBelow(folder, 'sarcasm/annotations/train_data.json', `\ufeff${JSON.stringify(posts)}`);
    writeBelow(folder, 'sarcasm/annotations/test_data.json', JSON.stringify(posts.slice(1)));
    const data = await load({ modalities: ['text'], clean: 'caption' }, folder);
    expect(data.splits.train.ids).toEqual(['7.jpg', '8.jpg']);
    expect([data.splits.train.labels, data.splits.validation]).toEqual([Int32Array.of(1, 0), undefined]);

    const table = temporaryFolder();
    writeBelow(table, 'Sarcasm/train.tsv', 'Label\tx\tString\tImageID\n1\t0\tsome "text"\t9\n0\t0\tmore\t10.jpg\n');
    writeBelow(table, 'Sarcasm/test.tsv', 'ImageID\tString\tLabel\n9\tsome\t1\n');
    expect((await load({ modalities: ['text'], quoting: false }, table)).splits.train.ids).toEqual(['9.jpg', '10.jpg']);
  });
});

describe('what is wrong', () => {
  const list = (text: string) => {
    const folder = join(root, 'wrong');
    rmSync(folder, { recursive: true, force: true });
    writeBelow(folder, 'train.txt', text);
    return () => readSarcasmList(folder, 'train', { giveaways: 'drop', labels: 'human', quoting: true });
  };

  it('names the images that are missing, or drops their rows and says so', async () => {
    const without = temporaryFolder();
    writeBelow(without, 'text/train.txt', crlf(`['1', 'a', 1]`, `['2', 'b', 0]`));
    writeBelow(without, 'text/test2.txt', crlf(`['1', 'a', 1, 1]`));
    expect((await coded(() => load({}, without))).problems[0]!.message).toBe(join(without, 'images'));
    writeBelow(without, 'images/1.jpg', await jpeg(1, 2, 3));
    const gone = await coded(() => load({}, without));
    expect([gone.code, gone.message.startsWith('1 of 2 images'), gone.problems.map(({ message }) => message)]).toEqual([
      'EQM_DATA_MISSING',
      true,
      [join(without, 'images', '2.jpg')],
    ]);
    const dropped = await load({ missing: 'drop' }, without);
    expect([dropped.splits.train.size, dropped.notes![0]]).toEqual([1, 'train: 1 of 2 rows dropped: no image']);
  });

  it('lists every place where a list was looked for', async () => {
    const error = await coded(() => load({}, temporaryFolder()));
    expect([error.code, error.problems[0]!.message.endsWith(join('sarcasm', 'text', 'train.txt'))]).toEqual(['EQM_DATA_MISSING', true]);
    expect((await coded(() => loadPiece(sarcasm, {}, undefined))).code).toBe('EQM_DATA_ROOT');
  });

  it.each([
    ['a label of three classes', `['1', 'a', 0]\n['1', 'a', 2]\n`, 'line 2'],
    ['a line that is no list', `['1', 'a', 0]\n1\n`, 'line 2'],
    ['too few items', `['1', 0]\n`, 'line 1'],
    ['an id that leads out of the folder', `['../../etc/passwd', 'a', 0]\n`, 'line 1'],
    ['a string without end', `['1', 'a, 0]\n`, 'line 1'],
  ])('refuses %s', async (_, text, place) => {
    const error = await coded(list(text));
    expect([error.code, error.where!.includes(`train.txt, ${place}`)]).toEqual(['EQM_DATA_MALFORMED', true]);
  });

  it('survives lists that are cut or changed anywhere', () => {
    const good = crlf(`['101', 'what a \\'monday\\' \\n', 1]`, `["102", "it 's", 0]`);
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.string({ maxLength: 3 }),
        (at, put) => survives(list(good.slice(0, at) + put)) && survives(list(good.slice(0, at) + put + good.slice(at + 1))),
      ),
      { numRuns: 60 },
    );
  });

  it('knows its options', () => {
    expect(() => sarcasmOptions.parse({ modalities: [] })).toThrow();
    expect(() => sarcasmOptions.parse({ clean: 'all' })).toThrow();
  });
});

describe.skipIf(realData === undefined)('on the real files (needs EQUIMODAL_DATA)', () => {
  it('has 19,816 / 2,410 / 2,409 posts, of which 8,642 / 959 / 959 are sarcastic', async () => {
    const data = await load({ modalities: ['text', 'attributes'] }, realData!);
    const { train, validation, test } = data.splits;
    const sum = (labels: Int32Array): number => labels.reduce((total, label) => total + label, 0);
    expect([train, validation!, test].map(({ labels }) => [labels.length, sum(labels)])).toEqual([
      [19_816, 8_642],
      [2_410, 959],
      [2_409, 959],
    ]);
    expect(data.notes![0]).toContain('9224 of 29040');
  });
});
