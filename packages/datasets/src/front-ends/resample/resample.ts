import { EquimodalError } from '@equimodal/core';
import { SpectralResampler } from './spectral.js';

/**
 * Which library's low-pass filter is used:
 * - `soxr-hq`: passes to 0.913 of the lower Nyquist frequency and stops from 1, as librosa does since 0.10;
 * - `kaiser-best`: 64 zeros under a Kaiser window, as librosa did through resampy before 0.10;
 * - `polyphase`: SciPy's `resample_poly`.
 */
export type ResampleMethod = 'soxr-hq' | 'kaiser-best' | 'polyphase';

/** A symmetric filter at `up` times the rate of the input: taps j = -half .. half. */
interface Prototype {
  readonly half: number;
  tap(j: number): number;
}

/** The filter cut into phases: for phase p, `width` weights of consecutive input samples, the first at `first[p]` from the current one. */
export interface Phases {
  readonly width: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

/** Weights that a table may hold: 32 MiB. */
const LARGEST_TABLE = 2 ** 22;

/** A filter, and the same in the frequency domain where that is quicker. */
interface Filters {
  readonly phases: Phases;
  readonly spectral: SpectralResampler | undefined;
}

const tables = new Map<string, Filters>();

/**
 * Changes the sampling rate by the factor `to / from`, without delay: ceil(L to / from) samples. Long signals are
 * filtered in the frequency domain where the rates allow it; that differs from the sum by less than the stop band, 1e-6 of the largest value.
 *
 * @throws EQM_CONFIG_INVALID for rates that are not positive integers, or so unlike that the table of filters would not fit.
 */
export function resample(signal: Float32Array | Float64Array, from: number, to: number, method: ResampleMethod = 'soxr-hq'): Float32Array {
  for (const rate of [from, to]) {
    if (!Number.isInteger(rate) || rate < 1)
      throw new EquimodalError('EQM_CONFIG_INVALID', `a sampling rate must be a positive integer, got ${rate}`);
  }
  if (from === to) return Float32Array.from(signal);
  const divisor = greatestCommonDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const key = `${method} ${up} ${down}`;
  let filters = tables.get(key);
  if (filters === undefined) tables.set(key, (filters = filtersOf(method, up, down, `${from} Hz to ${to} Hz`)));
  const { phases, spectral } = filters;
  return spectral !== undefined && signal.length >= spectral.advance ? spectral.apply(signal) : apply(signal, phases, up, down);
}

function filtersOf(method: ResampleMethod, up: number, down: number, rates: string): Filters {
  const phases = phasesOf(prototypeOf(method, up, down), up, rates);
  // The filters of `polyphase` are short, and let pass too much beyond their band for it to be cut off.
  return { phases, spectral: method === 'polyphase' ? undefined : SpectralResampler.of(phases, up, down) };
}

/** Outputs of one phase, four at a time, so that a weight is fetched once for all of them and no sum waits for another. */
function apply(signal: Float32Array | Float64Array, { width, first, weights }: Phases, up: number, down: number): Float32Array {
  const out = new Float32Array(Math.ceil((signal.length * up) / down));
  const padded = new Float64Array(signal.length + 2 * width);
  padded.set(signal, width);
  for (let begin = 0; begin < Math.min(up, out.length); begin++) {
    const phase = (begin * down) % up;
    const table = weights.subarray(phase * width, (phase + 1) * width);
    let m = begin;
    let start = width + Math.floor((begin * down) / up) + first[phase]!;
    for (; m + 3 * up < out.length; m += 4 * up, start += 4 * down) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let i = 0; i < width; i++) {
        const weight = table[i]!;
        a += padded[start + i]! * weight;
        b += padded[start + down + i]! * weight;
        c += padded[start + 2 * down + i]! * weight;
        d += padded[start + 3 * down + i]! * weight;
      }
      out[m] = a;
      out[m + up] = b;
      out[m + 2 * up] = c;
      out[m + 3 * up] = d;
    }
    for (; m < out.length; m += up, start += down) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += padded[start + i]! * table[i]!;
      out[m] = sum;
    }
  }
  return out;
}

function phasesOf({ half, tap }: Prototype, up: number, rates: string): Phases {
  const width = Math.floor((2 * half) / up) + 1;
  if (!(width * up <= LARGEST_TABLE)) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `resampling from ${rates} needs ${up} filters of ${width} taps, which is too much`, {
      fix: 'Choose a rate that has a larger divisor in common with that of the files.',
    });
  }
  const first = new Int32Array(up);
  const weights = new Float64Array(up * width);
  for (let phase = 0; phase < up; phase++) {
    // Input sample k = current - d has tap phase + d up.
    const last = Math.floor((half - phase) / up);
    first[phase] = -last;
    for (let i = 0; i < width; i++) {
      const j = phase + (last - i) * up;
      weights[phase * width + i] = Math.abs(j) <= half ? tap(j) : 0;
    }
  }
  return { width, first, weights };
}

function prototypeOf(method: ResampleMethod, up: number, down: number): Prototype {
  const band = Math.min(1, up / down);
  switch (method) {
    case 'soxr-hq': {
      const attenuation = 126;
      const [pass, stop] = [0.913, 1];
      const half = Math.ceil(((attenuation - 7.95) / (2.285 * Math.PI * (stop - pass) * band)) * up * 0.5);
      return windowedSinc(half, ((pass + stop) / 2) * band, up, 0.1102 * (attenuation - 8.7));
    }
    case 'kaiser-best':
      return windowedSinc((64 / band) * up, 0.9475937167399596 * band, up, 14.769656459379492);
    case 'polyphase': {
      const half = 10 * Math.max(up, down);
      const { tap } = windowedSinc(half, band, up, 5);
      let sum = 0;
      for (let j = -half; j <= half; j++) sum += tap(j);
      return { half, tap: (j) => (tap(j) * up) / sum };
    }
  }
}

/** c sinc(c t) under a Kaiser window, t = j / up in samples of the input; c is the cutoff as a share of its Nyquist frequency. */
function windowedSinc(half: number, cutoff: number, up: number, beta: number): Prototype {
  const scale = 1 / bessel0(beta);
  return {
    half: Math.floor(half),
    tap(j) {
      const x = Math.PI * cutoff * (j / up);
      const window = bessel0(beta * Math.sqrt(Math.max(0, 1 - (j / half) ** 2))) * scale;
      return cutoff * (x === 0 ? 1 : Math.sin(x) / x) * window;
    },
  };
}

/** Modified Bessel function of the first kind, order 0: sum of ((x / 2)^k / k!)^2. */
export function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
