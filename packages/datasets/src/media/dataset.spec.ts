import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type DataProgress, type LoadedDataset } from '@equimodal/core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { coded, temporaryFolder } from '../data-root.fixture.js';
import { mediaCacheFolder } from './cache.js';
import { mediaDataset } from './dataset.js';
import { framesLoader, framesShape, type FramesOptions } from './frames/frames.js';
import { sine, writeJpeg, writeWav } from './media.fixture.js';
import type { MediaOptions } from './options.js';
import { defaultWorkers } from './pool.js';
import { soundLoader, soundShape, type SoundOptions } from './sound/sound.js';

const root = temporaryFolder();
const cache = temporaryFolder();
const sound: SoundOptions = { rate: 4000, clip: { length: 800 }, frontEnd: { kind: 'log-magnitude', nFft: 64, hop: 40 } };
const frames: FramesOptions = { count: 1, width: 16, height: 12, augment: { crop: { kind: 'area' }, flip: 0.5 } };
const ROWS = 5;

beforeAll(async () => {
  vi.stubEnv('EQUIMODAL_CACHE', cache);
  for (let row = 0; row < ROWS; row++) {
    writeWav(join(root, `${row}.wav`), sine(300 + 100 * row, 900, 8000), 8000);
    await writeJpeg(join(root, `${row}.jpg`), [30, 20], (x, y) => [8 * x, 12 * y, 40 * row]);
  }
});

function load(at: string, options: MediaOptions, onProgress?: (progress: DataProgress) => void): Promise<LoadedDataset> {
  const part = (rows: number[]) => ({
    labels: Int32Array.from(rows, (row) => row % 2),
    sources: {
      audio: rows.map((row) => ({ files: [join(at, `${row}.wav`)] })),
      image: rows.map((row) => ({ files: [join(at, `${row}.jpg`)] })),
    },
  });
  return mediaDataset({
    classes: ['even', 'odd'],
    modalities: {
      audio: { loader: soundLoader, options: sound, shape: soundShape(sound), kind: 'spectrogram' },
      image: { loader: framesLoader, options: frames, shape: framesShape(frames), kind: 'image' },
    },
    splits: { train: part([0, 1, 2]), test: part([3, 4]) },
    root: at,
    options,
    notes: ['a note'],
    onProgress,
  });
}

const files = (): number =>
  (existsSync(mediaCacheFolder()) ? readdirSync(mediaCacheFolder(), { recursive: true }) : []).filter((name) =>
    String(name).endsWith('.bin'),
  ).length;
const rows = Int32Array.from([0, 1, 2]);

describe('a dataset of files', () => {
  it('says what it is', async () => {
    const data = await load(root, { workers: 0, cache: 'off' });
    expect(data.modalities).toEqual([
      { name: 'audio', kind: 'spectrogram', shape: [33, 21, 1], augmented: false },
      { name: 'image', kind: 'image', shape: [12, 16, 3], augmented: true },
    ]);
    expect(data.notes).toEqual(['a note']);
    expect([data.splits.train.size, data.splits.test.size, data.splits.validation]).toEqual([3, 2, undefined]);
    expect(files()).toBe(0);
  });

  it('reads the same whatever the threads and the cache', async () => {
    const plain = await (await load(root, { workers: 0, cache: 'off' })).splits.train.read(rows, new RandomStream(3));
    for (const options of [
      { workers: 2, cache: 'off' },
      { workers: 0, cache: 'lazy' },
      { workers: 2, cache: 'lazy' },
    ] as const) {
      expect(await (await load(root, options)).splits.train.read(rows, new RandomStream(3))).toEqual(plain);
    }
    const still = await (await load(root, { workers: 0, cache: 'off' })).splits.train.read(rows);
    expect(still['audio']).toEqual(plain['audio']);
    expect(still['image']).not.toEqual(plain['image']);
  });

  it('fills the cache ahead, telling how far it is', async () => {
    rmSync(mediaCacheFolder(), { recursive: true, force: true });
    const seen: DataProgress[] = [];
    await load(root, { workers: 1, cache: 'ahead' }, (progress) => seen.push(progress));
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [3, 5],
      [5, 5],
    ]);
    // The images are augmented: only sounds are kept.
    expect(files()).toBe(5);
  });

  it('has a fingerprint of files, labels and options that a move leaves as it is', async () => {
    const moved = join(temporaryFolder(), 'moved');
    cpSync(root, moved, { recursive: true });
    const of = async (at: string): Promise<string> => (await load(at, { workers: 0, cache: 'off' })).fingerprint;
    const first = await of(root);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await of(moved)).toBe(first);
    writeWav(join(moved, '0.wav'), sine(300, 901, 8000), 8000);
    expect(await of(moved)).not.toBe(first);
    rmSync(join(moved, '1.jpg'));
    expect((await coded(() => of(moved))).problems[0]!.message).toBe(join(moved, '1.jpg'));
  });

  it('names a file that cannot be read', async () => {
    const broken = join(temporaryFolder(), 'broken');
    cpSync(root, broken, { recursive: true });
    writeFileSync(join(broken, '1.jpg'), 'not an image');
    for (const workers of [0, 1]) {
      const { splits } = await load(broken, { workers, cache: 'off' });
      const error = await coded(() => splits.train.read(rows));
      expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', join(broken, '1.jpg')]);
    }
  });
});

it('reads with half of the cores, one thread where several runs share them, or as many as the environment says', () => {
  expect(defaultWorkers({ EQUIMODAL_DATA_WORKERS: '0' })).toBe(0);
  expect(defaultWorkers({ EQUIMODAL_DATA_WORKERS: '5', EQUIMODAL_THREADS: '1' })).toBe(5);
  expect(defaultWorkers({ EQUIMODAL_THREADS: '4' })).toBe(1);
  expect(defaultWorkers({})).toBeGreaterThanOrEqual(1);
});
