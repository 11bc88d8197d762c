import { optionsJsonSchema, RandomStream } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../data-root.fixture.js';
import { Stft } from '../front-ends/stft.js';
import { GLYPH_SIZE, drawDigit } from './glyphs.js';
import { playMelody, SAMPLE_RATE, SAMPLES } from './melodies.js';
import { syntheticAv, syntheticAvOptions } from './synthetic-av.js';

const load = async (options: object, contextSeed = 0) =>
  syntheticAv
    .create(syntheticAvOptions.parse(options), contextOf(undefined, contextSeed), {
      resolve: () => expect.unreachable(),
    })
    .load();
const small = { train: 120, validation: 30, test: 60 };

describe('synthetic-av', () => {
  it('gives three splits of the asked sizes and shapes, classes in equal number', async () => {
    const data = await load(small);
    expect(data.modalities).toEqual([
      { name: 'image', kind: 'image', shape: [28, 28, 1] },
      { name: 'audio', kind: 'spectrogram', shape: [32, 32, 1] },
    ]);
    expect([data.splits.train.size, data.splits.validation?.size, data.splits.test.size]).toEqual([120, 30, 60]);
    const counts = Array.from({ length: 10 }, (_, label) => data.splits.train.labels.filter((value) => value === label).length);
    expect(counts).toEqual(new Array(10).fill(12));
    const batch = await data.splits.test.read(Int32Array.from([0, 5]));
    expect([batch['image']!.length, batch['audio']!.length]).toEqual([2 * 784, 2 * 1024]);
    expect([...batch['image']!, ...batch['audio']!].every(Number.isFinite)).toBe(true);
  });

  it('is the same for the same seed and another for another', async () => {
    const { fingerprint } = await load(small);
    expect((await load(small)).fingerprint).toBe(fingerprint);
    expect((await load({ ...small, seed: 1 })).fingerprint).not.toBe(fingerprint);
    expect((await load({ ...small, imageSnr: 0 })).fingerprint).not.toBe(fingerprint);
  });

  it('standardises the sound with training statistics', async () => {
    const { splits } = await load(small);
    const audio = Array.from((await splits.train.read(Int32Array.from({ length: 120 }, (_, i) => i)))['audio']!);
    const mean = audio.reduce((sum, value) => sum + value, 0) / audio.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(audio.reduce((sum, value) => sum + value * value, 0) / audio.length).toBeCloseTo(1, 3);
  });

  it('holds the asked signal-to-noise ratio', async () => {
    // without noise the background is black; at 0 dB the noise power equals the power of the image
    const image = async (imageSnr: number): Promise<number[]> =>
      Array.from((await (await load({ ...small, imageSnr })).splits.train.read(Int32Array.from([3])))['image']!);
    const [clean, noisy] = [await image(200), await image(0)];
    const signal = clean.reduce((sum, value) => sum + value * value, 0);
    const noise = clean.reduce((sum, value, i) => sum + (noisy[i]! - value) ** 2, 0);
    expect(noise / signal).toBeGreaterThan(0.85);
    expect(noise / signal).toBeLessThan(1.15);
  });

  it('makes fewer classes, and few rows, on demand', async () => {
    const data = await load({ ...small, classes: 3 });
    expect(data.classes).toEqual(['0', '1', '2']);
    expect([...new Set(data.splits.train.labels)].sort()).toEqual([0, 1, 2]);
  });

  it('knows its options', () => {
    expect(() => syntheticAvOptions.parse({ clases: 3 })).toThrow();
    expect(() => syntheticAvOptions.parse({ classes: 11 })).toThrow();
    expect(optionsJsonSchema(syntheticAv.options)).toMatchObject({
      properties: { imageSnr: { description: expect.stringContaining('dB') as string } },
    });
  });

  it('generates the default set in little time', async () => {
    const start = process.cpuUsage();
    await load({});
    const { user } = process.cpuUsage(start);
    expect(user / 1e6).toBeLessThan(6); // seconds of CPU time; some 0.8 on an idle machine
  });
});

describe('drawDigit', () => {
  it('keeps the ink of every digit inside the image and digits apart', () => {
    const means = Array.from({ length: 10 }, (_, digit) => {
      const random = new RandomStream(1, `/digit/${digit}`);
      const mean = new Float64Array(GLYPH_SIZE * GLYPH_SIZE);
      for (let i = 0; i < 40; i++) {
        const image = new Float32Array(mean.length);
        drawDigit(digit, random, image, 0);
        expect(Math.max(...image)).toBeGreaterThan(0.9);
        expect(Math.min(...image)).toBe(0);
        image.forEach((value, at) => (mean[at]! += value / 40));
      }
      return mean;
    });
    const distance = (a: Float64Array, b: Float64Array): number => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
    for (let a = 0; a < 10; a++)
      for (let b = a + 1; b < 10; b++) expect(distance(means[a]!, means[b]!), `${a} and ${b}`).toBeGreaterThan(1.5);
  });
});

describe('playMelody', () => {
  it('plays the notes in the order of the class', () => {
    const random = new RandomStream(2);
    const sound = new Float64Array(SAMPLES);
    const stft = new Stft({ nFft: 128, hop: 16 });
    const order = (label: number): number[] => {
      playMelody(label, random, sound);
      const { data, frames } = stft.power(sound);
      const centre = [500, 750, 1062, 1437].map((pitch) => {
        const bin = Math.round((pitch * 128) / SAMPLE_RATE);
        let [energy, moment] = [0, 0];
        for (let t = 0; t < frames; t++) {
          const value = data[bin * frames + t]! ** 2;
          energy += value;
          moment += value * t;
        }
        return moment / energy;
      });
      return [0, 1, 2, 3].sort((a, b) => centre[a]! - centre[b]!);
    };
    const rising = Array.from({ length: 20 }, () => order(0).join(''));
    const falling = Array.from({ length: 20 }, () => order(1).join(''));
    expect(rising.filter((notes) => notes === '0123').length).toBeGreaterThan(15);
    expect(falling.filter((notes) => notes === '3210').length).toBeGreaterThan(15);
  });
});
