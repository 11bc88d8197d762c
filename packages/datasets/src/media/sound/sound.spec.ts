import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, temporaryFolder } from '../../data-root.fixture.js';
import { melFilterBank } from '../../front-ends/fbank.js';
import { standardizedLogDensity } from '../../front-ends/psd.js';
import { resample } from '../../front-ends/resample/resample.js';
import { Stft, tile } from '../../front-ends/stft.js';
import { encodeWav } from '../../readers/encode.fixture.js';
import { readWav } from '../../readers/wav.js';
import type { Decoded, ReadContext } from '../loader.js';
import { sine, writeWav } from '../media.fixture.js';
import { soundLoader, soundShape, type SoundOptions } from './sound.js';

const folder = temporaryFolder();
const file = writeWav(join(folder, 'tone.wav'), sine(500, 1600, 16000), 16000);
const { samples } = readWav(file);

async function read(options: SoundOptions, { random, from = file }: { random?: RandomStream; from?: string } = {}) {
  const kept: [unknown, Decoded][] = [];
  const context: ReadContext = {
    random,
    out: new Float32Array(soundShape(options).reduce((a, b) => a * b, 1)),
    cached: async (_, about, make) => {
      const made = await make();
      kept.push([about, made]);
      return made;
    },
  };
  const data = (await soundLoader.create(options).read({ files: [from] }, context)) as Float32Array;
  expect(data).toHaveLength(soundShape(options).reduce((a, b) => a * b, 1));
  return { data, kept };
}

const stft = { kind: 'log-magnitude', nFft: 512, hop: 353 } as const;

describe('sounds', () => {
  it('have the shapes of the loaders', () => {
    const shape = (seconds: number, rate: number): number[] => soundShape({ rate, clip: { length: seconds * rate }, frontEnd: stft });
    expect(shape(3, 22050)).toEqual([257, 188, 1]);
    expect(shape(20, 22050)).toEqual([257, 1250, 1]);
    expect(shape(10, 35400)).toEqual([257, 1003, 1]);
    expect(soundShape({ rate: 16000, clip: { length: 80000 }, frontEnd: { kind: 'log-magnitude', nFft: 256, hop: 128 } })).toEqual([
      129, 626, 1,
    ]);
    expect(soundShape({ rate: 22050, clip: { length: 160000 }, frontEnd: { kind: 'log-density', segment: 512, overlap: 353 } })).toEqual([
      257, 1004, 1,
    ]);
    expect(
      soundShape({ rate: 16000, clip: { length: 9 }, timeFirst: true, frontEnd: { kind: 'fbank', bands: 128, frames: 1024 } }),
    ).toEqual([1024, 128, 1]);
  });

  it('are resampled, repeated and transformed', async () => {
    const { data } = await read({ rate: 22050, clip: { length: 66150 }, frontEnd: stft });
    const expected = new Stft(stft).logMagnitude(tile(Float32Array.from(resample(samples, 16000, 22050)), 66150)).data;
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(Float32Array.from(expected).buffer))).toBe(0);
  });

  it('give spectral densities, mel bands, or samples', async () => {
    const density = await read({ rate: null, clip: { length: 1600 }, frontEnd: { kind: 'log-density', segment: 128, overlap: 64 } });
    expect(density.data).toEqual(Float32Array.from(standardizedLogDensity(samples, { rate: 16000, segment: 128, overlap: 64 }).data));
    const bank = await read({
      rate: 16000,
      clip: { length: 1600 },
      frontEnd: { kind: 'fbank', bands: 8, frames: 10, mean: -4, deviation: 2, centred: true },
    });
    const mean = samples.reduce((sum, value) => sum + value, 0) / 1600;
    const bands = melFilterBank(
      Float64Array.from(samples, (value) => value - mean),
      { rate: 16000, bands: 8 },
    );
    expect(bands.frames).toBe(8);
    expect(bank.data[17]).toBeCloseTo((bands.data[8 + 8 - 1]! + 4) / 2, 3);
    expect(bank.data[19]).toBe(2);
    expect((await read({ rate: 16000, clip: { length: 3 }, frontEnd: { kind: 'samples' } })).data).toEqual(samples.slice(0, 3));
  });

  it('may have time first', async () => {
    const options: SoundOptions = { rate: 16000, clip: { length: 1600 }, frontEnd: { kind: 'log-magnitude', nFft: 64, hop: 400 } };
    const { data } = await read(options);
    const { data: turned } = await read({ ...options, timeFirst: true });
    for (const [bin, t] of [
      [0, 0],
      [3, 1],
      [32, 4],
    ] as const)
      expect(turned[t * 33 + bin]).toBe(data[bin * 5 + t]);
  });

  it('begin at a random place in training passes only', async () => {
    const options: SoundOptions = { rate: 16000, clip: { length: 100, tiled: 1600, start: 'random' }, frontEnd: { kind: 'samples' } };
    expect([soundLoader.augments(options), soundLoader.augments({ ...options, clip: { length: 1 } })]).toEqual([true, false]);
    const of = async (seed: number) => (await read(options, { random: new RandomStream(seed) })).data;
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
    expect((await read(options)).data).toEqual(samples.slice(750, 850));
  });

  it('keep the smaller of spectrogram and resampled signal, and nothing that is random or in the file', async () => {
    const about = async (options: SoundOptions) => (await read(options)).kept.map(([, { data }]) => data.length);
    const small = { kind: 'log-magnitude', nFft: 64, hop: 400 } as const;
    expect(await about({ rate: 8000, clip: { length: 800 }, frontEnd: small })).toEqual([99]);
    expect(await about({ rate: 8000, clip: { length: 80000 }, frontEnd: small })).toEqual([800]);
    expect(await about({ rate: 16000, clip: { length: 160000 }, frontEnd: small })).toEqual([]);
    expect(await about({ rate: 8000, clip: { length: 800, start: 'random' }, frontEnd: small })).toEqual([800]);
  });

  it('without samples are refused, or silence', async () => {
    const empty = join(folder, 'empty.wav');
    writeFileSync(empty, encodeWav(new Uint8Array(0), { sampleRate: 16000 }));
    const options: SoundOptions = { rate: 16000, clip: { length: 4 }, frontEnd: { kind: 'samples' } };
    const error = await coded(() => read(options, { from: empty }));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', empty]);
    expect([...(await read({ ...options, emptyIsSilence: true }, { from: empty })).data]).toEqual([0, 0, 0, 0]);
  });
});
