import { doublesAt, keep, kernels, type Address } from '../../kernels/kernels.js';
import { Fourier, radicesOf } from '../fourier/fourier.js';
import type { Phases } from './resample.js';

/** Blocks are up to so many samples long. */
const LARGEST_BLOCK = 8192;

/** How far beyond the lower Nyquist frequency the spectrum of the filter counts: from there on it is below its stop band. */
const REACH = 1.2;

/** How a signal is cut: blocks of `from` samples become blocks of `to`; the next begins `advance` samples later. */
interface Blocks {
  readonly from: number;
  readonly to: number;
  readonly advance: number;
}

/** The blocks that cost least for each sample; undefined when up or down has a prime factor above 7, or the filter is too long. */
function blocksOf(width: number, up: number, down: number): Blocks | undefined {
  let best: (Blocks & { readonly cost: number }) | undefined;
  for (let b = 1; b * Math.max(up, down) <= LARGEST_BLOCK; b++) {
    const [from, to] = [b * down, b * up];
    const advance = down * Math.floor((from - width - 1) / down);
    const [passes, passesBack] = [radicesOf(from), radicesOf(to)];
    if (advance <= 0 || passes === undefined || passesBack === undefined) continue;
    const cost = (from * passes.length + to * passesBack.length) / advance;
    if (best === undefined || cost < best.cost) best = { from, to, advance, cost };
  }
  return best;
}

/**
 * The filter that `Phases` holds, applied to spectra of overlapping blocks (overlap-save). Zeros between samples repeat the
 * spectrum X of a block of n samples, the filter H takes one period of it, leaving samples out folds the rest:
 *
 *     Y[q mod n up / down] = sum_q X[q mod n] H[q] / down,   H[q] = sum_j h[j] cos(2 pi q j / (n up))
 *
 * over |q| up to 1.2 times the lower Nyquist frequency; what lies beyond is below the stop band. Two blocks are one complex
 * signal: H is real, so they do not mix.
 */
export class SpectralResampler {
  readonly advance: number;
  readonly #blocks: Blocks;
  readonly #up: number;
  readonly #down: number;
  readonly #halo: number;
  /** Numbers of the filter, and where they are. */
  readonly #reach: number;
  readonly #gains: Address;
  readonly #forward: Fourier;
  readonly #inverse: Fourier;

  private constructor(phases: Phases, up: number, down: number, blocks: Blocks) {
    const { from, to } = blocks;
    this.#blocks = blocks;
    this.advance = blocks.advance;
    this.#up = up;
    this.#down = down;
    this.#halo = Math.ceil(phases.width / 2);
    this.#forward = Fourier.of(from);
    this.#inverse = Fourier.of(to);
    const gains = this.#gainsOf(phases);
    this.#reach = gains.length;
    this.#gains = keep(gains.byteLength);
    doublesAt(this.#gains, gains.length).set(gains);
  }

  /** @returns undefined where the sum itself is the better way. */
  static of(phases: Phases, up: number, down: number): SpectralResampler | undefined {
    const blocks = blocksOf(phases.width, up, down);
    return blocks === undefined ? undefined : new SpectralResampler(phases, up, down, blocks);
  }

  /** H[q] / (down n up / down) for q >= 0: the transform of each phase of the filter, turned by the place of the phase. */
  #gainsOf({ width, first, weights }: Phases): Float64Array {
    const { from, to } = this.#blocks;
    const gains = new Float64Array(Math.ceil((REACH * Math.min(from, to)) / 2));
    const turn = (2 * Math.PI) / (from * this.#up);
    for (let phase = 0; phase < this.#up; phase++) {
      const { input } = this.#forward;
      input.re.fill(0);
      input.im.fill(0);
      for (let i = 0; i < width; i++) input.re[(from - first[phase]! - i) % from] = weights[phase * width + i]!;
      const { re, im } = this.#forward.forward();
      for (let q = 0; q < gains.length; q++) gains[q]! += re[q]! * Math.cos(turn * q * phase) + im[q]! * Math.sin(turn * q * phase);
    }
    return gains.map((value) => value / (this.#down * to));
  }

  apply(signal: Float32Array | Float64Array): Float32Array {
    const [up, down] = [this.#up, this.#down];
    const { advance } = this.#blocks;
    const out = new Float32Array(Math.ceil((signal.length * up) / down));
    // The first block begins a whole number of steps before the signal, so that its samples lie on those of the output.
    const steps = Math.ceil(this.#halo / down);
    const skipped = Math.ceil((this.#halo * up) / down);
    const taken = (advance / down) * up;
    for (let start = -steps * down, at = skipped - steps * up; at < out.length; start += 2 * advance, at += 2 * taken) {
      const { input } = this.#forward;
      load(signal, start, input.re);
      load(signal, start + advance, input.im);
      this.#filter();
      const { re, im } = this.#inverse.inverse();
      store(re.subarray(skipped, skipped + taken), out, at);
      store(im.subarray(skipped, skipped + taken), out, at + taken);
    }
    return out;
  }

  /** From the signal's block to the input of the inverse transform. */
  #filter(): void {
    const { re, im } = this.#forward.forwardAt();
    const to = this.#inverse;
    kernels.filter(re, im, this.#forward.length, this.#gains, this.#reach, to.re, to.im, to.length);
  }
}

/** Fills a block with the samples from `start` on, and with 0 where there are none. */
function load(signal: Float32Array | Float64Array, start: number, block: Float64Array): void {
  const [low, high] = [Math.max(start, 0), Math.min(start + block.length, signal.length)];
  if (high - low < block.length) block.fill(0);
  if (low < high) block.set(signal.subarray(low, high), low - start);
}

/** Puts samples to their place, those that have one. */
function store(samples: Float64Array, out: Float32Array, at: number): void {
  const [low, high] = [Math.max(0, -at), Math.min(samples.length, out.length - at)];
  if (low < high) out.set(samples.subarray(low, high), at + low);
}
