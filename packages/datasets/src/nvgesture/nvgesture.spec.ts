import { chmodSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { put, putArray, putFrames } from '../clips/miniature.fixture.js';
import { coded, contextOf, survives, temporaryFolder } from '../data-root.fixture.js';
import { PixmapStream } from '../media/video/ffmpeg.js';
import { damaged } from '../readers/encode.fixture.js';
import { GESTURES, parseGestureList } from './list.js';
import { nvGesture, nvGestureOptions } from './nvgesture.js';

const small = { frames: 3, length: 5, size: 16, crop: 8, classes: 'sorted', workers: 0 };
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  nvGesture.create(nvGestureOptions.parse({ ...small, ...options }), contextOf(root), { resolve: () => expect.unreachable() }).load();
const parse = (text: string) => parseGestureList(new TextEncoder().encode(text), 'list');

const line = (path: string, label: number): string =>
  `path:./Video_data/${path} depth:sk_depth:2:7 color:sk_color:2:7 duo_left:duo_left:161:254 label:${label}  \n`;
const TRAIN = [line('class_01/subject13_r0', 1), line('class_02/subject13_r1', 2)].join('');
const TEST = line('class_02/subject3_r0', 2);
const CLIPS = ['class_01/subject13_r0', 'class_02/subject13_r1', 'class_02/subject3_r0'];

function putLists(root: string): void {
  put(root, 'nvgesture_train_correct_v2.lst', TRAIN);
  put(root, 'nvgesture_test_correct_v2.lst', TEST);
}

/** Seven frames a clip, the colour of the sensor; flow whose values tell row and column. */
async function writeFrames(root: string): Promise<void> {
  for (const clip of CLIPS) {
    for (const [sensor, colour] of [
      ['sk_color', [255, 128, 0]],
      ['sk_depth', [102, 102, 102]],
    ] as const) {
      const names = [1, 2, 3, 4, 5, 6, 7].map((i) => `Video_data/${clip}/${sensor}_all/0000${i}.jpg`);
      await putFrames(root, names, colour);
    }
  }
  putLists(root);
}

/** A program called ffmpeg that writes pixmaps of two colours, as many as asked for, or complains. */
function putFfmpeg(folder: string): void {
  const file = put(
    folder,
    'ffmpeg',
    `#!${process.execPath}
const args = process.argv;
if (args.includes('-version')) process.exit(0);
const input = args[args.indexOf('-i') + 1];
if (input.includes('class_01')) { console.error('Invalid data found'); process.exit(1); }
const count = Math.min(6, Number(args[args.indexOf('-frames:v') + 1]));
for (let i = 0; i < count; i++)
  process.stdout.write(Buffer.concat([Buffer.from('P6\\n4 2\\n255\\n'), Buffer.alloc(24, 10 * i)]));
`,
  );
  chmodSync(file, 0o755);
}

describe('nvgesture', () => {
  const data = temporaryFolder();
  const root = join(data, 'NVGesture');
  beforeAll(async () => {
    await writeFrames(root);
    for (const [split, count] of [
      ['train', 2],
      ['test', 1],
    ] as const)
      for (let i = 0; i < count; i++) putArray(root, `Video_data/flow_data/${split}/${i}.npy`, [16, 16, 2, 4], i + 1);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('opens the folder: frames as images, flow as arrays', async () => {
    const loaded = await load(data);
    expect(loaded.classes).toEqual([GESTURES[1], GESTURES[0]]);
    expect(loaded.modalities).toMatchObject([
      { name: 'rgb', kind: 'video', shape: [3, 8, 8, 3] },
      { name: 'flow', kind: 'video', shape: [4, 8, 8, 2] },
      { name: 'depth', kind: 'video', shape: [3, 8, 8, 1] },
    ]);
    expect([...loaded.splits.train.groups!, ...loaded.splits.test.groups!]).toEqual(['subject13', 'subject13', 'subject3']);
    const rows = await loaded.splits.train.read(Int32Array.from([1]));
    const [r, g, b] = rows['rgb']!;
    expect([r! * 0.229 + 0.485, g! * 0.224 + 0.456, b! * 0.225 + 0.406].map((value) => Math.round(50 * value) / 50)).toEqual([1, 0.5, 0]);
    expect(rows['flow']!.every((value) => value === 2)).toBe(true);
    expect(Math.round(rows['depth']![0]! * 255)).toBe(102);
  });

  it('reverses the colours where asked, mean and deviation staying where they are', async () => {
    const { splits } = await load(data, { modalities: ['rgb'], channelOrder: 'bgr' });
    const { rgb } = await splits.train.read(Int32Array.from([0]));
    expect(rgb![0]! * 0.229 + 0.485).toBeCloseTo(0, 1);
    expect(rgb![2]! * 0.225 + 0.406).toBeCloseTo(1, 1);
  });

  it('takes one part of all modalities in training passes', async () => {
    const root = temporaryFolder();
    await writeFrames(root);
    // flow and colour of a ramp from left to right: the first column tells where the part begins
    const { default: sharp } = await import('sharp');
    const pixels = Buffer.from(Array.from({ length: 16 * 16 * 3 }, (_, i) => 16 * (Math.floor(i / 3) % 16)));
    const ramp = new Uint8Array(
      await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
        .png()
        .toBuffer(),
    );
    for (const sensor of ['sk_color', 'sk_depth'])
      for (let i = 1; i <= 7; i++) put(root, `Video_data/class_01/subject13_r0/${sensor}/${i}.png`, ramp);
    for (const name of ['sk_color_all', 'sk_depth_all'])
      for (let i = 1; i <= 7; i++) put(root, `Video_data/class_01/subject13_r0/${name}/0000${i}.jpg`, ramp);
    const { splits } = await load(root, { modalities: ['rgb', 'depth'] });
    const starts = new Set<number>();
    for (let seed = 0; seed < 8; seed++) {
      const { rgb, depth } = await splits.train.read(Int32Array.from([0]), new RandomStream(seed));
      const left = Math.abs(Math.round((rgb![0]! * 0.229 + 0.485) * (255 / 16)));
      expect(Math.round(depth![0]! * (255 / 16))).toBe(left);
      starts.add(left);
    }
    expect(starts.size).toBeGreaterThan(2);
    const still = await load(root, { modalities: ['rgb'], augment: false });
    expect(still.modalities[0]!.augmented).toBe(false);
  });

  it('fills short clips with black frames', async () => {
    const { splits } = await load(data, { frames: 5, length: 9, modalities: ['depth'] });
    const { depth } = await splits.test.read(Int32Array.from([0]));
    expect(depth!.slice(0, 5 * 64).every((value) => value > 0.3)).toBe(true);
    const long = await load(data, { frames: 9, length: 9, modalities: ['depth'] });
    const rest = (await long.splits.test.read(Int32Array.from([0])))['depth']!.slice(5 * 64);
    expect(rest).toEqual(new Float32Array(4 * 64));
  });

  it('never takes the flow of another clip for that of a validation row', async () => {
    const root = temporaryFolder();
    await writeFrames(root);
    for (const i of [0, 1]) putArray(root, `Video_data/flow_data/train/${i}.npy`, [16, 16, 2, 4], i + 1);
    putArray(root, 'Video_data/flow_data/test/0.npy', [16, 16, 2, 4], 9);
    put(root, 'nvgesture_train_correct_v2.lst', TRAIN + line('class_01/subject3_r0', 1) + line('class_02/subject3_r0', 2));
    put(root, 'nvgesture_valid_correct_v2.lst', line('class_02/subject13_r1', 2) + line('class_01/subject99_r0', 1));
    put(root, 'nvgesture_test_correct_v2.lst', TEST);
    const loaded = await load(root, { modalities: ['flow'], classes: 'first-appearance', overlap: 'keep' });
    const { flow } = await loaded.splits.validation!.read(Int32Array.from([0]));
    expect([loaded.splits.validation!.size, flow![0]]).toEqual([1, 2]);
    expect(loaded.notes).toContain('validation: 1 of 2 listed rows are used; left out: 1 with no stored flow (class_01/subject99_r0)');
  });

  it('says what is missing', async () => {
    const root = temporaryFolder();
    const lists = await coded(() => load(root));
    expect(lists.problems.map(({ message }) => message)).toContain(join(root, 'nvgesture_train_correct_cvpr2016_v2.lst'));
    putLists(root);
    mkdirSync(join(root, 'Video_data'));
    expect((await coded(() => load(root))).message).toContain('modalities: [rgb, depth]');
    const error = await coded(() => load(root, { modalities: ['depth'] }));
    expect([error.code, error.problems[0]!.message]).toEqual([
      'EQM_DATA_SPLIT',
      expect.stringContaining('2 with no video or frames of the sensor "depth"'),
    ]);
    putArray(root, 'flow_data/train/0.npy', [16, 8, 2, 4]);
    putArray(root, 'flow_data/train/1.npy', [16, 8, 2, 4]);
    putArray(root, 'flow_data/test/0.npy', [16, 8, 2, 4]);
    const { splits } = await load(root, { modalities: ['flow'] });
    expect((await coded(() => splits.train.read(Int32Array.from([0])))).message).toContain('expected flow of shape');
  });

  it('decodes videos by the ffmpeg on the path, and says where there is none', async () => {
    const root = temporaryFolder();
    putLists(root);
    for (const clip of CLIPS) for (const sensor of ['sk_color', 'sk_depth']) put(root, `Video_data/${clip}/${sensor}.avi`, 'RIFF');
    vi.stubEnv('PATH', root);
    vi.resetModules();
    const fresh = async () => {
      const { nvGesture: piece } = await import('./nvgesture.js');
      const options = nvGestureOptions.parse({ ...small, modalities: ['depth'] });
      return piece.create(options, contextOf(root), { resolve: () => expect.unreachable() }).load();
    };
    const none = await fresh().catch((error: { code: string; fix: string }) => error);
    expect(none).toMatchObject({ code: 'EQM_DATA_DECODER', fix: expect.stringContaining('Install ffmpeg') });
    putFfmpeg(join(root, 'bin'));
    vi.stubEnv('PATH', [join(root, 'bin'), '/usr/bin', '/bin'].join(delimiter));
    vi.resetModules();
    const { splits } = await fresh();
    const { depth } = await splits.test.read(Int32Array.from([0]));
    // frames 2, 3 and 4 of the video
    expect([0, 64, 128].map((at) => Math.round(255 * depth![at]!))).toEqual([20, 30, 40]);
    const broken = await Promise.resolve(splits.train.read(Int32Array.from([0]))).catch(
      (error: { code: string; message: string }) => error,
    );
    expect(broken).toMatchObject({ code: 'EQM_DATA_MALFORMED', message: expect.stringContaining('Invalid data found') });
  });

  it('knows its options', () => {
    expect(nvGestureOptions.parse({})).toMatchObject({ frames: 64, length: 80, size: 256, crop: 224 });
    expect(() => nvGestureOptions.parse({ crop: 300 })).toThrow('at most `size`');
    expect(() => nvGestureOptions.parse({ frames: 90 })).toThrow('at most `length`');
    expect(() => nvGestureOptions.parse({ modalities: ['rgb', 'rgb'] })).toThrow('named twice');
  });
});

describe('lists of nvgesture', () => {
  it('name folder, sensors and gesture', () => {
    const [row] = parse(TRAIN);
    expect(row).toMatchObject({ name: 'class_01/subject13_r0', label: 'five fingers move right', where: 'list, line 1' });
    expect(row!.sensors['duo_left']).toEqual({ stem: 'duo_left', from: 161, to: 254 });
  });

  it.each([
    [line('../../etc', 1), 'not the name of a file'],
    [line('/etc', 1), 'not the name of a file'],
    [line('a', 26), 'no label from 1 to 25'],
    ['label:1', 'no path'],
    ['path:a depth label:1', 'expected "name:value"'],
    ['path:a depth:x:7:2 label:1', 'names no frames'],
    ['path:a depth:x:1:99999999 label:1', 'names no frames'],
    ['path:a depth:../x:1:2 label:1', 'not the name of a file'],
  ])('refuse %j', async (text, message) => {
    const error = await coded(() => parse(text));
    expect([error.code, error.message]).toEqual(['EQM_DATA_MALFORMED', expect.stringContaining(message)]);
  });

  it('survive damage', () => {
    fc.assert(fc.property(damaged(new TextEncoder().encode(TRAIN)), (bytes) => survives(() => parseGestureList(bytes, 'list'))));
  });
});

describe('pixmaps', () => {
  const pixmap = Buffer.concat([Buffer.from('P6\n3 2\n255\n'), Buffer.alloc(18, 7)]);

  it('come in pieces of any length', () => {
    const all = Buffer.concat([pixmap, pixmap, pixmap]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const numbers: number[] = [];
        const stream = new PixmapStream('video', ({ width, data }, number) => numbers.push(width * 100 + data.length + number));
        for (let at = 0, i = 0; at < all.length; i++) {
          const end = at + sizes[i % sizes.length]!;
          stream.push(all.subarray(at, end));
          at = end;
        }
        expect(numbers).toEqual([318, 319, 320]);
      }),
    );
  });

  it('are refused when they are damaged', () => {
    fc.assert(
      fc.property(damaged(new Uint8Array(pixmap)), (bytes) => survives(() => new PixmapStream('video', () => {}).push(Buffer.from(bytes)))),
    );
  });
});
