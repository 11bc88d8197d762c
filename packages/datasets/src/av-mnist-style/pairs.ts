import { EquimodalError, type RandomStream } from '@equimodal/core';

/** Rows of a split: which image and which recording each row pairs. */
export interface Pairs {
  readonly labels: Int32Array;
  /** Row of the image pool. */
  readonly images: Int32Array;
  /** Row of the recording pool. */
  readonly recordings: Int32Array;
}

/**
 * Draws `count` of the images in `from` (none twice), and for each a recording of the same class out of
 * `recordings`, with replacement.
 *
 * @param labels class of every image of the pool
 * @param recordings rows of the recording pool by class
 * @throws EQM_DATA_SPLIT when there are too few images, or a class has no recording.
 */
export function drawPairs(
  split: string,
  count: number,
  from: Int32Array,
  labels: ArrayLike<number>,
  recordings: readonly (readonly number[])[],
  random: RandomStream,
): Pairs {
  if (count > from.length)
    throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split asks for ${count} images, ${from.length} are left`);
  const order = random.at('images').permutation(from.length);
  const pairing = random.at('recordings');
  const images = Int32Array.from({ length: count }, (_, row) => from[order[row]!]!);
  const classes = images.map((image) => labels[image]!);
  const paired = classes.map((label) => {
    const pool = recordings[label] ?? [];
    if (pool.length === 0) throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split has no recording of class ${label}`);
    return pool[pairing.integer(pool.length)]!;
  });
  return { labels: classes, images, recordings: paired };
}

/** The numbers of 0 .. n-1 that are not in `taken`, ascending. */
export function remaining(n: number, taken: Int32Array): Int32Array {
  const used = new Uint8Array(n);
  for (const row of taken) used[row] = 1;
  return Int32Array.from({ length: n }, (_, row) => row).filter((row) => used[row] === 0);
}
