import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { optionsJsonSchema, RandomStream, type LoadedDataset } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, contextOf, realData, temporaryFolder } from '../data-root.fixture.js';
import { InMemorySplit } from '../split/in-memory.js';
import { encodeIdx, encodeWav, pcm16 } from '../readers/encode.fixture.js';
import { avMnistStyle, avMnistStyleOptions } from './av-mnist-style.js';
import { listRecordings } from './files.js';
import { drawPairs, remaining } from './pairs.js';

const load = (options: object, root?: string): Promise<LoadedDataset> =>
  avMnistStyle.create(avMnistStyleOptions.parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();

/** A data root with 60 training and 20 test images (each class in turn) and recordings 0, 5 and 10 of every digit. */
function writeRoot(root: string): void {
  mkdirSync(join(root, 'mnist'), { recursive: true });
  mkdirSync(join(root, 'fsdd/recordings'), { recursive: true });
  const random = new RandomStream(9);
  for (const [name, rows] of [
    ['train', 60],
    ['t10k', 20],
  ] as const) {
    const pixels = Array.from({ length: rows * 784 }, (_, i) => (i % 784 < 300 || i % 784 >= 380 ? 0 : random.integer(256)));
    const labels = Array.from({ length: rows }, (_, row) => row % 10);
    writeFileSync(join(root, `mnist/${name}-images-idx3-ubyte.gz`), gzipSync(encodeIdx([rows, 28, 28], pixels)));
    writeFileSync(join(root, `mnist/${name}-labels-idx1-ubyte`), encodeIdx([rows], labels));
  }
  for (let digit = 0; digit < 10; digit++) {
    for (const index of [0, 5, 10]) {
      const samples = Array.from({ length: 3000 + 400 * index }, (_, i) => Math.round(8000 * Math.sin(i * (0.1 + 0.05 * digit))));
      writeFileSync(join(root, `fsdd/recordings/${digit}_ann_${index}.wav`), encodeWav(pcm16(samples)));
    }
  }
}

function inMemory({ splits }: LoadedDataset): Record<'train' | 'validation' | 'test', InMemorySplit> {
  const { train, validation, test } = splits;
  if (train instanceof InMemorySplit && validation instanceof InMemorySplit && test instanceof InMemorySplit)
    return { train, validation, test };
  expect.unreachable();
}

const sizes = { train: 40, validation: 20, test: 20 };

describe('av-mnist-style', () => {
  const root = temporaryFolder();
  beforeAll(() => writeRoot(root));

  it('pairs images and recordings of the same class', async () => {
    const data = await load(sizes, root);
    expect(data.modalities).toEqual([
      { name: 'image', kind: 'image', shape: [28, 28, 1] },
      { name: 'audio', kind: 'spectrogram', shape: [64, 47, 1] },
    ]);
    const { train, validation, test } = inMemory(data);
    expect([train.size, validation.size, test.size]).toEqual([40, 20, 20]);
    // recordings are listed by digit, then index: 3 a digit
    for (const [split, place] of [
      [train, 2],
      [validation, 1],
      [test, 0],
    ] as const) {
      split.modalities['audio']!.index!.forEach((recording, row) => {
        expect(Math.floor(recording / 3)).toBe(split.labels[row]);
        expect(recording % 3).toBe(place);
      });
    }
    expect(data.notes?.[0]).toContain('4 of 784');
  });

  it('keeps everything of an image when all its directions are kept', async () => {
    const exact = await load({ ...sizes, components: 39 }, root);
    const rough = await load({ ...sizes, components: 2 }, root);
    const [image] = [(await exact.splits.train.read(Int32Array.from([0])))['image']!];
    // 40 images span 39 directions: values are bytes / 255
    image.forEach((value) => expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-2));
    expect((await rough.splits.train.read(Int32Array.from([0])))['image']).not.toEqual(image);
  });

  it('is the same for the same seed, and follows its options', async () => {
    const { fingerprint } = await load(sizes, root);
    expect((await load(sizes, root)).fingerprint).toBe(fingerprint);
    const others = await Promise.all(
      [{ seed: 1 }, { noiseDb: 0 }, { components: 5 }, { train: 30 }].map((change) => load({ ...sizes, ...change }, root)),
    );
    expect(new Set([fingerprint, ...others.map((other) => other.fingerprint)]).size).toBe(5);
    expect((await load({ ...sizes, nFft: 128, hop: 64, bands: 32 }, root)).modalities[1]?.shape).toEqual([32, 94, 1]);
  });

  it('standardises the sound by the training recordings', async () => {
    const data = await load(sizes, root);
    const audio = inMemory(data).train.modalities['audio']!;
    const rows = new Set(audio.index);
    let [sum, square] = [0, 0];
    for (const row of rows) {
      for (const value of audio.data.subarray(row * audio.rowSize, (row + 1) * audio.rowSize)) {
        sum += value;
        square += value * value;
      }
    }
    const count = rows.size * audio.rowSize;
    expect(sum / count).toBeCloseTo(0, 4);
    expect(square / count).toBeCloseTo(1, 4);
  });

  it('needs a data root, and lists every missing path', async () => {
    expect((await coded(() => load(sizes))).code).toBe('EQM_DATA_ROOT');
    const empty = temporaryFolder();
    const error = await coded(() => load(sizes, empty));
    expect(error.code).toBe('EQM_DATA_MISSING');
    expect(error.problems).toHaveLength(5);
    expect(error.problems.map(({ message }) => message).join()).toContain(join(empty, 'fsdd/recordings'));
    mkdirSync(join(empty, 'fsdd/recordings'), { recursive: true });
    expect((await coded(() => listRecordings(empty))).code).toBe('EQM_DATA_MISSING');
  });

  it('names a truncated recording and one at another sample rate', async () => {
    const broken = temporaryFolder();
    writeRoot(broken);
    const file = join(broken, 'fsdd/recordings/3_ann_5.wav');
    writeFileSync(file, encodeWav(pcm16([1, 2, 3])).slice(0, -1));
    const error = await coded(() => load(sizes, broken));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('3_ann_5.wav, byte 44');
    writeFileSync(file, encodeWav(pcm16([1, 2, 3]), { sampleRate: 16000 }));
    expect((await coded(() => load(sizes, broken))).message).toContain('16000 Hz');
  });

  it('refuses splits that the data cannot fill', async () => {
    expect((await coded(() => load({ ...sizes, train: 61 }, root))).code).toBe('EQM_DATA_SPLIT');
    expect((await coded(() => load({ ...sizes, validation: 21 }, root))).message).toContain('20 are left');
    const poor = temporaryFolder();
    writeRoot(poor);
    for (let digit = 0; digit < 10; digit++) rmSync(join(poor, `fsdd/recordings/${digit}_ann_5.wav`));
    expect((await coded(() => load(sizes, poor))).code).toBe('EQM_DATA_SPLIT');
  });

  it('knows its options', () => {
    expect(() => avMnistStyleOptions.parse({ nFft: 200 })).toThrow('power of two');
    expect(() => avMnistStyleOptions.parse({ bands: 60 })).toThrow('divisor');
    expect(() => avMnistStyleOptions.strict().parse({ noise: 1 })).toThrow();
    expect(optionsJsonSchema(avMnistStyle.options)).toMatchObject({
      properties: { components: { default: 4 } },
    });
  });
});

describe('drawPairs', () => {
  it('draws no image twice and leaves the rest', () => {
    const labels = Uint8Array.from({ length: 30 }, (_, row) => row % 3);
    const everything = Int32Array.from(labels, (_, row) => row);
    const { images } = drawPairs('train', 20, everything, labels, [[0], [1], [2]], new RandomStream(1));
    expect(new Set(images).size).toBe(20);
    expect([...images, ...remaining(30, images)].sort((a, b) => a - b)).toEqual([...everything]);
  });
});

describe.skipIf(realData === undefined)('av-mnist-style on the real files (needs EQUIMODAL_DATA)', () => {
  it('has 3000 recordings and disjoint splits of the default sizes', async () => {
    const recordings = listRecordings(realData!);
    expect(recordings).toHaveLength(3000);
    const data = await load({}, realData);
    const splits = inMemory(data);
    expect(Object.values(splits).map(({ size }) => size)).toEqual([8000, 2000, 3000]);
    const used = Object.values(splits).map(({ modalities }) => new Set(modalities['audio']!.index));
    const indices = used.map((rows) => [...rows].map((row) => recordings[row]!.index));
    expect([Math.min(...indices[0]!), Math.max(...indices[1]!), Math.min(...indices[1]!), Math.max(...indices[2]!)]).toEqual([10, 9, 5, 4]);
    for (const split of Object.values(splits)) {
      split.modalities['audio']!.index!.forEach((row, i) => expect(recordings[row]!.digit).toBe(split.labels[i]));
    }
    const kept = Number(/([\d.]+) % of the variance/.exec(data.notes![0]!)?.[1]);
    expect(kept).toBeGreaterThan(27.5);
    expect(kept).toBeLessThan(29.5);
  });
});
