import { describe, expect, it } from 'vitest';
import { RandomStream } from '@equimodal/core';
import { coded } from '../data-root.fixture.js';
import reference from './audio.fixture.json' with { type: 'json' };
import { clip } from './clip.js';
import { fitFrames, melFilterBank } from './fbank.js';
import { powerSpectralDensity, standardizedLogDensity, tukey } from './psd.js';
import { bessel0, resample, type ResampleMethod } from './resample/resample.js';
import { Stft, tile, type PadMode, type WindowName } from './stft.js';

/** The numbers that the reference scripts call `sequence(name, [n])`, halved. */
function noise(name: string, n = 320): Float64Array {
  let state = 2166136261;
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 16777619) >>> 0;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return 0.5 * Math.fround(state / 2 ** 31 - 1);
  });
}

/** Sines up to `top` Hz that rise from 0 and fall back to it. */
function tones(rate: number, top: number, n = 4000): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 9; k++) sum += Math.sin((2 * Math.PI * (200 + ((top - 200) * k) / 8) * i) / rate + k);
    return Math.fround((sum / 10) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (n - 1))));
  });
}

const tone = (rate: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / rate));

/** Largest difference, as a share of the largest reference value. */
function difference(values: ArrayLike<number>, expected: readonly number[]): number {
  expect(values.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(values[i]! - value))) / largest;
}

describe('resampling', () => {
  const methods: readonly [ResampleMethod, number][] = [
    ['polyphase', 1e-6],
    ['kaiser-best', 1e-6],
    // Another design of the same pass band and stop band; the sines reach 0.8 of the Nyquist frequency.
    ['soxr-hq', 2e-4],
  ];
  for (const [rates, expected] of Object.entries(reference.resample)) {
    const [from, to] = rates.split(' ').map(Number) as [number, number];
    it.each(methods)(`${rates}: %s equals its library within %f`, (method, tolerance) => {
      const signal = method === 'soxr-hq' ? tones(from, (0.8 * Math.min(from, to)) / 2) : noise('resample');
      const out = resample(signal, from, to, method);
      const every = method === 'soxr-hq' ? 13 : 1;
      expect(
        difference(
          out.filter((_, i) => i % every === 0),
          expected[method],
        ),
      ).toBeLessThan(tolerance);
    });
  }

  it('copies at the same rate, and takes signals without samples', () => {
    const signal = Float64Array.from([1, 2]);
    const same = resample(signal, 8000, 8000);
    expect([...same]).toEqual([1, 2]);
    expect(same).not.toBe(signal);
    expect(resample(new Float32Array(0), 8000, 16000)).toHaveLength(0);
  });

  it('refuses rates that make no sense or have too little in common', async () => {
    expect((await coded(() => resample(new Float32Array(9), 0, 8000))).code).toBe('EQM_CONFIG_INVALID');
    expect((await coded(() => resample(new Float32Array(9), 44101, 44100))).message).toContain('44101 Hz to 44100 Hz');
  });

  it('has the Bessel function', () => {
    expect(bessel0(0)).toBe(1);
    expect(bessel0(5)).toBeCloseTo(27.239871823604442, 10);
  });
});

describe('windows, centring and padding of the STFT', () => {
  it.each(Object.entries(reference.stft))('%s equals librosa', (name, expected) => {
    const [window, center, mode] = name.split(' ') as [WindowName, string, string];
    const padMode = (mode === 'constant' ? 'zeros' : mode) as PadMode;
    const stft = new Stft({ nFft: 128, hop: 50, window, center: center === 'True', padMode });
    const { bins, frames, data } = stft.logMagnitude(noise('stft', 700));
    expect(frames).toBe(stft.frames(700));
    const columns = Array.from({ length: bins }, (_, bin) => [0, 3, frames - 1].map((t) => data[bin * frames + t]!)).flat();
    expect(difference(columns, expected)).toBeLessThan(1e-6);
  });

  it('refuses a signal shorter than a frame when nothing is padded', async () => {
    const error = await coded(() => new Stft({ nFft: 128, hop: 50, center: false }).power(new Float64Array(127)));
    expect(error.message).toContain('no padding');
  });
});

describe('power spectral density', () => {
  it('equals scipy.signal.spectrogram', () => {
    const { data } = powerSpectralDensity(noise('stft', 700), { rate: 8000, segment: 128, overlap: 70 });
    expect(
      difference(
        data.filter((_, i) => i % 7 === 0),
        reference.psd,
      ),
    ).toBeLessThan(1e-6);
  });

  // SciPy, double precision: 0.1 s of 440 Hz at 22050 Hz, ten times, the first 4096 samples.
  it('equals the reference of a tone', () => {
    const signal = tile(tone(22050, 2205), 22050).subarray(0, 4096);
    const options = { rate: 22050, segment: 512, overlap: 353 };
    const density = powerSpectralDensity(signal, options);
    expect([density.bins, density.frames]).toEqual([257, 23]);
    const logs = density.data.map((value) => Math.log(value + 1e-7));
    [
      -14.138215, -15.879433, -15.419104, -14.056288, -12.931635, -12.17313, -11.763296, -11.796513, -12.990994, -11.590237, -6.060563,
      -7.850946, -9.248041, -10.279107,
    ].forEach((value, bin) => expect(logs[bin * 23]).toBeCloseTo(value, 5));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    expect(mean).toBeCloseTo(-15.838905, 5);
    const { data } = standardizedLogDensity(signal, options);
    [1.41727, -0.033774, 0.349841, 1.485544, 2.422773, 3.054874].forEach((value, bin) => expect(data[bin * 23]).toBeCloseTo(value, 5));
  });

  it('has the Tukey window and the frames of the loaders', () => {
    const window = tukey(512);
    [0, 0.00060227, 0.00240764, 0.00541175, 0.00960736].forEach((value, i) => expect(window[i]).toBeCloseTo(value, 8));
    expect([window[64], window[448], window[511]!.toFixed(8)]).toEqual([1, 1, '0.00060227']);
    const frames = (length: number): number =>
      powerSpectralDensity(new Float32Array(length), { rate: 1, segment: 512, overlap: 353 }).frames;
    expect([frames(160000), frames(48000)]).toEqual([1004, 299]);
  });

  it.each([
    { segment: 500, overlap: 0 },
    { segment: 512, overlap: 512 },
  ])('refuses %o', async (options) => {
    expect((await coded(() => powerSpectralDensity(new Float32Array(999), { rate: 1, ...options }))).code).toBe('EQM_CONFIG_INVALID');
  });

  it('refuses a signal shorter than a segment', async () => {
    const error = await coded(() => powerSpectralDensity(new Float32Array(511), { rate: 1, segment: 512, overlap: 0 }));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
  });
});

describe('mel bands', () => {
  it("equal Kaldi's", () => {
    const bank = melFilterBank(noise('fbank', 2000), { rate: 16000 });
    expect([bank.bins, bank.frames]).toEqual([128, 11]);
    expect(
      difference(
        bank.data.filter((_, i) => i % 9 === 0),
        reference.fbank,
      ),
    ).toBeLessThan(1e-6);
  });

  it('have the usual number of frames, filled or cut to another', () => {
    const bank = melFilterBank(new Float32Array(160000), { rate: 16000, bands: 2 });
    expect(bank.frames).toBe(998);
    expect(bank.data.every((value) => value === Math.log(2 ** -23))).toBe(true);
    const filled = fitFrames(bank, 1024);
    expect([filled.data[997], filled.data[998], filled.data[1024]]).toEqual([Math.log(2 ** -23), 0, Math.log(2 ** -23)]);
    expect(fitFrames(bank, 10).data).toHaveLength(20);
  });

  it('refuse what cannot be', async () => {
    expect((await coded(() => melFilterBank(new Float32Array(399), { rate: 16000 }))).code).toBe('EQM_DATA_MALFORMED');
    expect((await coded(() => melFilterBank(new Float32Array(999), { rate: 16000, highest: 9000 }))).code).toBe('EQM_CONFIG_INVALID');
  });
});

describe('clips', () => {
  const ramp = Float64Array.from([0.125, 0.25, 0.5]);

  it('repeats, or fills with zeros, and clamps', () => {
    expect([...clip(ramp, { length: 5 })]).toEqual([0.125, 0.25, 0.5, 0.125, 0.25]);
    expect([...clip(ramp, { length: 5, fill: 'zeros' })]).toEqual([0.125, 0.25, 0.5, 0, 0]);
    expect([...clip(Float64Array.from([2, -3]), { length: 2 })]).toEqual([1, -1]);
  });

  it('takes the middle, or a random or a stated part of what was repeated', () => {
    expect([...clip(ramp, { length: 2, tiled: 6, start: 'centre' })]).toEqual([0.5, 0.125]);
    const starts = new Set<number>();
    const random = new RandomStream(1);
    for (let i = 0; i < 60; i++) starts.add(clip(ramp, { length: 1, tiled: 3, start: 'random' }, random)[0]!);
    expect(starts.size).toBe(3);
    expect(clip(ramp, { length: 1, tiled: 3, start: 'random' })[0]).toBe(0.25);
    const hashed = (name: string): number => clip(ramp, { length: 1, tiled: 3, start: 'hashed' }, random, name)[0]!;
    expect(hashed('a')).toBe(hashed('a'));
    expect(new Set([...'abcdefgh'].map(hashed)).size).toBeGreaterThan(1);
  });

  it('refuses parts longer than the whole, and nothing at all', async () => {
    expect((await coded(() => clip(ramp, { length: 5, tiled: 4 }))).code).toBe('EQM_CONFIG_INVALID');
    for (const fill of ['tile', 'zeros'] as const)
      expect((await coded(() => clip(new Float32Array(0), { length: 2, fill }))).code).toBe('EQM_DATA_MALFORMED');
  });
});
