import { EquimodalError, hashKey, type RandomStream } from '@equimodal/core';
import { tile } from './stft.js';

/** How a signal is brought to length. */
export interface ClipOptions {
  /** Samples of the result. */
  readonly length: number;
  /** Samples that the signal is repeated to first, so that a random part of it can be taken. Default: `length`. */
  readonly tiled?: number | undefined;
  /** What fills a signal that is too short: itself again, or zeros. Default `tile`. */
  readonly fill?: 'tile' | 'zeros' | undefined;
  /**
   * Where the part begins: at the front, in the middle, at a random place in training passes (else in the middle), or at a place
   * that the name of the file decides, the same in every pass. Default `first`.
   */
  readonly start?: 'first' | 'centre' | 'random' | 'hashed' | undefined;
}

/**
 * A part of a signal, of a stated length, clamped to [-1, 1]. A random start is uniform in 0 .. tiled - length.
 *
 * @param random in training passes.
 * @param name of the file, for `hashed`.
 * @throws EQM_CONFIG_INVALID when `tiled` is below `length`; EQM_DATA_MALFORMED for a signal without samples.
 */
export function clip(signal: Float32Array | Float64Array, options: ClipOptions, random?: RandomStream, name = ''): Float32Array {
  const { length, fill = 'tile', start = 'first' } = options;
  const { tiled = length } = options;
  if (tiled < length) throw new EquimodalError('EQM_CONFIG_INVALID', `a signal of ${tiled} samples has no part of ${length}`);
  const from = startOf(start, tiled - length, random, name);
  if (fill === 'tile') return tile(signal, from + length).subarray(from);
  if (signal.length === 0) throw new EquimodalError('EQM_DATA_MALFORMED', 'a signal has no samples');
  return Float32Array.from({ length }, (_, i) => Math.min(1, Math.max(-1, signal[from + i] ?? 0)));
}

function startOf(start: NonNullable<ClipOptions['start']>, room: number, random: RandomStream | undefined, name: string): number {
  switch (start) {
    case 'first':
      return 0;
    case 'centre':
      return Math.floor(room / 2);
    case 'random':
      return random === undefined ? Math.floor(room / 2) : random.integer(room + 1);
    case 'hashed':
      return hashKey(name) % (room + 1);
  }
}
