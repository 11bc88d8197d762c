import { describe, expect, it } from 'vitest';
import { coded } from '../data-root.fixture.js';
import { pooledLogMagnitude, Stft, tile, type Spectrogram } from './stft.js';

/** 0.5 sin(2 pi 440 i / rate) */
const tone = (rate: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / rate));

function expectBins(
  { data, frames }: Spectrogram<Float32Array | Float64Array>,
  frame: number,
  first: number,
  expected: readonly number[],
): void {
  expected.forEach((value, i) => {
    expect(Math.abs(data[(first + i) * frames + frame]! - value), `frame ${frame}, bin ${first + i}`).toBeLessThan(2e-6);
  });
}

const column = ({ data, frames, bins }: Spectrogram<Float32Array | Float64Array>, frame: number): number[] =>
  Array.from({ length: bins }, (_, bin) => data[bin * frames + frame]!);
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

// Reference values: librosa 0.11.0 in double precision.
describe('log-magnitude spectrogram, 22050 Hz, n 512, hop 353', () => {
  const zeros = new Stft({ nFft: 512, hop: 353 }).logMagnitude(tone(22050, 2205));
  const reflect = new Stft({ nFft: 512, hop: 353, padMode: 'reflect' }).logMagnitude(tone(22050, 2205));

  it('equals the reference with zero padding', () => {
    expect([zeros.bins, zeros.frames]).toEqual([257, 7]);
    expectBins(
      zeros,
      0,
      0,
      [
        1.390526, 1.39273, 1.431439, 1.473883, 1.566187, 1.659382, 1.847319, 2.02683, 2.518813, 3.190439, 3.462775, 3.314439, 2.725008,
        1.883583, 1.590978, 1.246602,
      ],
    );
    expectBins(
      zeros,
      1,
      0,
      [
        -5.016489, -4.604023, -4.026721, -3.500573, -2.975206, -2.400239, -1.722091, -0.857069, 0.389608, 3.088016, 4.128505, 3.746244,
        1.194093, -0.379848, -1.364799, -2.093618,
      ],
    );
    expectBins(
      zeros,
      2,
      0,
      [
        -4.362045, -4.205359, -3.851158, -3.421304, -2.938597, -2.383738, -1.715242, -0.854672, 0.390188, 3.088049, 4.128495, 3.746257,
        1.19395, -0.380451, -1.366222, -2.096226,
      ],
    );
    expectBins(
      zeros,
      5,
      0,
      [
        -3.735766, -3.6762, -3.501111, -3.217897, -2.830332, -2.331034, -1.692472, -0.846547, 0.392171, 3.088163, 4.128461, 3.746301,
        1.19346, -0.382525, -1.371126, -2.105263,
      ],
    );
    expectBins(
      zeros,
      6,
      0,
      [
        1.089109, 1.094979, 1.120175, 1.183018, 1.26285, 1.350136, 1.538939, 1.798492, 2.004141, 3.354768, 3.933891, 3.684752, 2.476853,
        1.699612, 1.202122, 0.985767,
      ],
    );
    [-14.69523, -14.72348, -14.74801, -14.76807, -14.78299, -14.79219, -14.7953].forEach((value, i) => {
      expect(zeros.data[(250 + i) * 7 + 3]).toBeCloseTo(value, 4);
    });
  });

  it('has the reference sums and its peak at bin 10', () => {
    [-711.07247, -2675.57482, -2694.00905, -2730.02101, -2787.03824, -2863.37819, -786.21868].forEach((value, frame) => {
      const bins = column(zeros, frame);
      expect(sum(bins)).toBeCloseTo(value, 4);
      expect(bins.indexOf(Math.max(...bins))).toBe(10);
    });
    const mean = sum(zeros.data) / zeros.data.length;
    expect(mean).toBeCloseTo(-8.475438, 5);
    expect(Math.sqrt(sum(zeros.data.map((value) => (value - mean) ** 2)) / zeros.data.length)).toBeCloseTo(4.756234, 5);
  });

  it('equals the reference with reflection', () => {
    expectBins(
      reflect,
      0,
      0,
      [
        2.083673, 2.085877, 2.124584, 2.167025, 2.25932, 2.352493, 2.540367, 2.719587, 3.21019, 3.769704, 2.690481, 3.558212, 3.41227,
        2.575375, 2.283786, 1.939592,
      ],
    );
    expectBins(
      reflect,
      6,
      0,
      [
        1.777035, 1.789501, 1.816263, 1.868891, 1.957208, 2.053325, 2.21201, 2.490456, 2.789865, 3.662713, 3.755948, 3.623945, 3.022136,
        2.405435, 1.922075, 1.657898,
      ],
    );
    for (const frame of [1, 2, 3, 4, 5]) expect(column(reflect, frame)).toEqual(column(zeros, frame));
    expect(sum(column(reflect, 0))).toBeCloseTo(-534.97304, 4);
    expect(sum(column(reflect, 6))).toBeCloseTo(-610.30428, 4);
    expect(sum(reflect.data) / reflect.data.length).toBeCloseTo(-8.279766, 5);
    const peaks = Array.from({ length: 7 }, (_, frame) => column(reflect, frame)).map((bins) => bins.indexOf(Math.max(...bins)));
    expect(peaks).toEqual([9, 10, 10, 10, 10, 10, 10]);
  });

  it('equals the reference for a tiled signal in single precision', () => {
    const tiled = new Stft({ nFft: 512, hop: 353 }).logMagnitude(Float32Array.from(tile(tone(22050, 2205), 6615)));
    expect([tiled.bins, tiled.frames]).toEqual([257, 19]);
    expect(sum(tiled.data)).toBeCloseTo(-50373.6956, 3);
    expectBins(tiled, 9, 0, [-4.214865, -4.090728, -3.78614, -3.388062, -2.922311, -2.376183]);
  });
});

describe('log-magnitude spectrogram, 16000 Hz, n 256, hop 128', () => {
  it('equals the reference', () => {
    const spectrogram = new Stft({ nFft: 256, hop: 128 }).logMagnitude(tone(16000, 1600));
    expect([spectrogram.bins, spectrogram.frames]).toEqual([129, 13]);
    expectBins(
      spectrogram,
      0,
      0,
      [
        1.060134, 1.10303, 1.144527, 1.309046, 1.451091, 2.003029, 2.592242, 2.774967, 2.538869, 1.854625, 1.048204, 0.782807, 0.422794,
        0.227979, -0.013351, -0.169337,
      ],
    );
    expectBins(
      spectrogram,
      5,
      0,
      [
        -5.428442, -5.166735, -4.607208, -3.89876, -2.98248, -1.620945, 2.71092, 3.464708, 2.830973, -1.472665, -2.888701, -3.815499,
        -4.513115, -5.074236, -5.543955, -5.947922,
      ],
    );
  });
});

describe('frames', () => {
  it.each([
    [66150, 353, 188],
    [441000, 353, 1250],
    [354000, 353, 1003],
    [80000, 128, 626],
  ])('%i samples at hop %i give %i', (samples, hop, frames) => {
    expect(new Stft({ nFft: 512, hop }).frames(samples)).toBe(frames);
  });
});

describe('pooling, tiling and errors', () => {
  it('pools power: 2 bins of equal magnitude keep it, bin 0 is left out', () => {
    const flat: Spectrogram = {
      bins: 5,
      frames: 2,
      data: Float64Array.from([100, 100, 4, 9, 4, 9, 16, 1, 0, 1]),
    };
    const pooled = Array.from(pooledLogMagnitude(flat, 2, 2), (value) => Math.exp(value));
    [2, 3, Math.sqrt(8), 1].forEach((value, i) => expect(pooled[i]).toBeCloseTo(value, 5));
  });

  it('tiles and clamps', () => {
    expect(Array.from(tile(Float64Array.from([0.25, -1.5, 2, 0.5]), 10))).toEqual([0.25, -1, 1, 0.5, 0.25, -1, 1, 0.5, 0.25, -1]);
  });

  it('refuses what cannot be transformed', async () => {
    expect((await coded(() => new Stft({ nFft: 500, hop: 1 }))).code).toBe('EQM_CONFIG_INVALID');
    expect((await coded(() => new Stft({ nFft: 512, hop: 0 }))).code).toBe('EQM_CONFIG_INVALID');
    expect((await coded(() => new Stft({ nFft: 64, hop: 8, padMode: 'reflect' }).power(new Float64Array(32)))).code).toBe(
      'EQM_DATA_MALFORMED',
    );
    expect((await coded(() => pooledLogMagnitude({ bins: 5, frames: 1, data: new Float64Array(5) }, 3, 2))).code).toBe(
      'EQM_CONFIG_INVALID',
    );
    expect((await coded(() => tile(new Float64Array(0), 4))).code).toBe('EQM_DATA_MALFORMED');
  });
});
