import { EquimodalError, type RandomStream } from '@equimodal/core';

/**
 * Which of the frames of a clip are taken, in order:
 * - `first`: the first k;
 * - `middle`: the k around the middle, floor((n - k) / 2) onwards;
 * - `uniform`: frame floor((i + 1/2) n / k) of each of k equal parts;
 * - `segments`: k parts of s = floor(n / k) frames: in training passes a random frame of each part, else frame
 *   i s + max(floor(s / 2), 1);
 * - `random`: in training passes k different frames at random, in order; else as `first`.
 */
export type FrameRule = 'first' | 'middle' | 'uniform' | 'segments' | 'random';

/** Whether a rule draws random numbers in training passes. */
export const picksAtRandom = (rule: FrameRule): boolean => rule === 'segments' || rule === 'random';

/**
 * Numbers of the frames that a rule takes. Of a clip with fewer than k frames the last one is taken again.
 *
 * @param random in training passes.
 * @throws EQM_DATA_MALFORMED when there are no frames.
 */
export function pickFrames(frames: number, k: number, rule: FrameRule, random?: RandomStream): number[] {
  if (frames < 1) throw new EquimodalError('EQM_DATA_MALFORMED', 'a clip has no frames');
  const places = Array.from({ length: k }, (_, i) => i);
  const within = (frame: number): number => Math.min(frame, frames - 1);
  switch (rule) {
    case 'first':
      return places.map(within);
    case 'middle': {
      const start = Math.max(0, Math.floor((frames - k) / 2));
      return places.map((i) => within(start + i));
    }
    case 'uniform':
      return places.map((i) => Math.floor(((i + 0.5) * frames) / k));
    case 'segments': {
      const size = Math.floor(frames / k);
      if (size === 0) return places.map(within);
      return places.map((i) => within(i * size + (random === undefined ? Math.max(Math.floor(size / 2), 1) : random.integer(size))));
    }
    case 'random':
      if (random === undefined || frames <= k) return places.map(within);
      return Array.from(random.permutation(frames).slice(0, k)).sort((a, b) => a - b);
  }
}
