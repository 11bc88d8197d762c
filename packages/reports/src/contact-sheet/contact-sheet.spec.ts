import { inflateSync } from 'node:zlib';
import { EquimodalError, type LoadedDataset, type ModalitySpec, type Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { renderPng } from '../plots/render.js';
import { contactSheet } from './contact-sheet.js';
import { heatMap, picture, strip } from './pictures.js';
import { encodePng } from './png.js';
import { tokenText, wrapText } from './text.js';

const modalities: ModalitySpec[] = [
  { name: 'photo', kind: 'image', shape: [2, 3, 3] },
  { name: 'clip', kind: 'video', shape: [5, 2, 2, 1] },
  { name: 'sound', kind: 'spectrogram', shape: [4, 3, 1] },
  { name: 'text', kind: 'tokens', shape: [5] },
  { name: 'pose', kind: 'sequence', shape: [4, 2] },
  { name: 'scores', kind: 'vector', shape: [3] },
];
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
function split(labels: number[], absent: string[] = []): Split {
  return {
    size: labels.length,
    labels: Int32Array.from(labels),
    ids: labels.map((_, row) => `file <${row}> & co`),
    read: (rows) =>
      Object.fromEntries(
        modalities.map(({ name, kind, shape }) => {
          const values = Array.from({ length: rows.length * sizeOf(shape) }, (_, i) =>
            absent.includes(name) ? 0 : kind === 'tokens' ? i % 4 : Math.sin(i),
          );
          return [name, kind === 'tokens' ? Int32Array.from(values) : Float32Array.from(values)];
        }),
      ),
  };
}
const dataset = (labels: number[], absent: string[] = []): LoadedDataset => ({
  classes: ['angry', 'calm', 'nobody'],
  modalities,
  splits: { train: split(labels, absent), test: split([1], absent) },
  fingerprint: 'f',
  vocabularies: { text: ['[PAD]', 'hello', 'wor', '##ld'] },
});

describe('contactSheet', () => {
  it('draws a row a class and a cell a modality, and is the same when drawn again', async () => {
    const svg = await contactSheet(dataset([0, 0]), 'a set');
    expect(svg).toBe(await contactSheet(dataset([0, 0]), 'a set'));
    expect(svg.match(/<image /g)).toHaveLength(6); // three kinds of picture, two classes with rows
    expect(svg.match(/<polyline /g)).toHaveLength(6); // two lines of the sequence and one of the vector, twice
    for (const text of ['angry', 'train: file &lt;0&gt; &amp; co', 'test: file &lt;0&gt;', 'no rows', '[PAD] hello world'])
      expect(svg).toContain(text);
    const png = await renderPng(svg);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });

  it('says what is absent', async () => {
    const svg = await contactSheet(dataset([0, 1], ['photo', 'text']), 'a set');
    expect(svg.match(/absent/g)).toHaveLength(4);
  });

  it('says what cannot be read, and draws the rest', async () => {
    const own = dataset([0]);
    const read: Split['read'] = (rows, random, wanted) => {
      if (wanted!.includes('sound')) throw new EquimodalError('EQM_DATA_MALFORMED', 'truncated');
      return own.splits.train.read(rows, random, wanted);
    };
    const svg = await contactSheet({ ...own, splits: { ...own.splits, train: { ...own.splits.train, read } } }, 'a set');
    expect(svg.match(/cannot be read/g)).toHaveLength(1);
    expect(svg.match(/<image /g)).toHaveLength(5);
  });

  it('names what it leaves out of many classes', async () => {
    const many = { ...dataset([0]), classes: Array.from({ length: 70 }, (_, i) => `class ${i}`) };
    const svg = await contactSheet(many, 'a set');
    expect(svg).toContain('The first 64 of 70 classes');
    expect(svg).not.toContain('class 64');
  });
});

describe('pictures', () => {
  it('stretches values to bytes, keeps three channels, and reads grey from one', () => {
    const color = picture(Float32Array.from([-1, 0, 1, 1, 1, 0]), [1, 2, 3]);
    expect([color.channels, [...color.data]]).toEqual([3, [0, 128, 255, 255, 255, 128]]);
    expect([...picture(Float32Array.from([5, 9]), [1, 2, 1]).data]).toEqual([0, 255]);
    expect([...picture(Float32Array.from([7, 7]), [1, 2, 1]).data]).toEqual([0, 0]);
  });

  it('puts low frequencies at the bottom', () => {
    const { data } = heatMap(Float32Array.from([0, 0, 1, 1]), [2, 2, 1]);
    expect([...data.subarray(0, 3)]).toEqual([253, 231, 37]); // the second frequency is the upper line
    expect([...data.subarray(6, 9)]).toEqual([68, 1, 84]);
  });

  it('spreads frames side by side', () => {
    const frames = Float32Array.from({ length: 8 }, (_, t) => t); // 8 frames of one pixel
    expect([...strip(frames, [8, 1, 1, 1]).data]).toEqual([0, 85, 170, 255]); // frames 1, 3, 5, 7
  });
});

describe('encodePng', () => {
  it('writes lines without a filter behind a header', () => {
    const png = encodePng({ width: 2, height: 2, channels: 1, data: Uint8Array.from([1, 2, 3, 4]) });
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[25]]).toEqual([2, 2, 0]);
    const length = png.readUInt32BE(33);
    expect([...inflateSync(png.subarray(41, 41 + length))]).toEqual([0, 1, 2, 0, 3, 4]);
  });
});

describe('tokenText', () => {
  it('joins word pieces and byte pairs, leaves padding out, and gives ids without a vocabulary', () => {
    expect(tokenText(Int32Array.of(1, 2, 3, 0, 0), ['[PAD]', 'hello', 'wor', '##ld'])).toBe('hello world');
    expect(tokenText(Int32Array.of(1, 2, 3, 0), ['', 'hel', 'lo</w>', 'you</w>'])).toBe('hello you');
    expect(tokenText(Int32Array.of(7, 0, 9, 0), undefined)).toBe('7 0 9');
    expect(tokenText(Int32Array.of(9), ['a'])).toBe('[9]');
  });

  it('wraps to lines and ends what is left over in an ellipsis', () => {
    const lines = wrapText('one two three four five six seven eight nine ten', 11, 60, 2);
    expect(lines).toHaveLength(2);
    expect(lines[1]!.endsWith('…')).toBe(true);
    expect(wrapText('', 11, 60, 2)).toEqual([]);
    expect(wrapText('Donaudampfschifffahrtsgesellschaft', 11, 60, 3)[0]!.endsWith('…')).toBe(true);
  });
});
