import { describe, expect, it } from 'vitest';
import { resample, type ResampleMethod } from './resample.js';
import { SpectralResampler } from './spectral.js';

const noise = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i * i));

describe('resampling in the frequency domain', () => {
  const methods: readonly ResampleMethod[] = ['soxr-hq', 'kaiser-best'];
  // [from, to, up, down]
  const rates = [
    [16000, 22050, 441, 320],
    [44100, 22050, 1, 2],
    [44100, 16000, 160, 441],
    [8000, 16000, 2, 1],
  ] as const;

  // Filtering is linear and shifts with its input: pieces too short for blocks, each between silences, add up to the whole.
  it.each(methods.flatMap((method) => rates.map((rate) => [method, ...rate] as const)))(
    '%s: %i Hz to %i Hz is the sum over the filter',
    (method, from, to, up, down) => {
      const signal = noise(20011);
      const out = resample(signal, from, to, method);
      const expected = new Float64Array(out.length);
      const silence = down * Math.ceil(300 / down);
      const piece = down * Math.ceil(200 / down);
      for (let start = 0; start < signal.length; start += piece) {
        const part = signal.subarray(start, start + piece);
        const padded = new Float64Array(2 * silence + piece);
        padded.set(part, silence);
        const shift = ((start - silence) / down) * up;
        resample(padded, from, to, method).forEach((value, i) => {
          if (shift + i >= 0 && shift + i < expected.length) expected[shift + i]! += value;
        });
      }
      const largest = Math.max(...expected.map(Math.abs));
      const difference = Math.max(...out.map((value, i) => Math.abs(value - expected[i]!)));
      expect(difference).toBeGreaterThan(0);
      expect(difference / largest).toBeLessThan(1e-6);
    },
  );

  it('is not for rates with a prime factor above 7', () => {
    const phases = { width: 1, first: new Int32Array(11), weights: new Float64Array(11) };
    expect(SpectralResampler.of(phases, 11, 8)).toBeUndefined();
    expect(SpectralResampler.of(phases, 7, 8)).toBeDefined();
  });
});
