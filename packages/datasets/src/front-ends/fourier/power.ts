import { bytesAt, doublesAt, floatsAt, kernels, scratch, type Address } from '../../kernels/kernels.js';
import { Fourier } from './fourier.js';

const DOUBLE = 8;
const FLOAT = 4;

/** Frames of n real samples. */
export type Frames = SingleFrames | WindowedFrames;

/** Frames that are written one by one. */
export interface SingleFrames {
  /** Samples of each, n. */
  readonly length: number;
  readonly count: number;
  /** Writes the samples of frame t, all of them. */
  fill(frame: Float64Array, t: number): void;
}

/** Frames of one signal, `hop` apart, each multiplied by the window. */
export interface WindowedFrames {
  /** [n] */
  readonly window: Float64Array;
  readonly hop: number;
  readonly count: number;
  /** Writes the (count - 1) hop + n samples that the frames lie in, all of them. */
  fill(signal: Float64Array): void;
}

/** |X|^2 for k = 0 .. n / 2, [n / 2 + 1, count]. */
export function powerSpectra(frames: Frames): Float64Array {
  const [at, size] = compute(frames);
  return doublesAt(at, size).slice();
}

/** ln(|X| + floor), as powerSpectra; computed to 2e-11, then rounded. */
export function logMagnitudeSpectra(frames: Frames, floor: number): Float32Array {
  const [at, size, to] = compute(frames);
  kernels.logMagnitude(at, size, floor, to);
  return floatsAt(to, size).slice();
}

/** Where the power is, of how many numbers, and where there is room for as many floats. */
function compute(frames: Frames): [power: Address, size: number, room: Address] {
  const { count } = frames;
  const length = 'window' in frames ? frames.window.length : frames.length;
  const { plan } = Fourier.of(length);
  const size = (length / 2 + 1) * count;
  const bytes = length * DOUBLE;
  const signal = 'window' in frames ? (count - 1) * frames.hop + length : 0;
  const areas = scratch(count * bytes, bytes, size * DOUBLE, size * FLOAT, signal * DOUBLE, bytes);
  const [samples, silence, power, room, whole, window] = areas as [Address, Address, Address, Address, Address, Address];
  if ('window' in frames) {
    frames.fill(doublesAt(whole, signal));
    doublesAt(window, length).set(frames.window);
    kernels.windowed(whole, frames.hop, window, length, count, samples);
  } else {
    for (let t = 0; t < count; t++) frames.fill(doublesAt(samples + t * bytes, length), t);
  }
  bytesAt(silence, bytes).fill(0);
  kernels.power(plan, samples, count, silence, power);
  return [power, size, room];
}
