import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** FNV-1a over the text, folded with a seed: a 32-bit key that is the same on every machine. */
export function hashKey(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d) >>> 0;
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A named stream of random numbers. Streams are derived, never shared: `stream.at('shuffle').at(epoch)`
 * depends on the seed and the path only, so the order in which pieces draw does not matter and a
 * resumed run draws what the uninterrupted one would have drawn.
 *
 * @example
 * const random = new RandomStream(7);
 * random.at('init').at('encoders/audio').normal(); // the same number in every process
 */
export class RandomStream {
  readonly path: string;
  readonly #seed: number;
  #generator: RandomGenerator | undefined;

  constructor(seed: number, path = '') {
    this.#seed = seed;
    this.path = path;
  }

  /** The stream below this one with that name. */
  at(name: string | number): RandomStream {
    return new RandomStream(this.#seed, `${this.path}/${name}`);
  }

  /** Two 32-bit integers that identify this stream: the key for random ops inside a step. */
  get key(): readonly [number, number] {
    return [hashKey(this.path, this.#seed) | 0, hashKey(`${this.path}#`, this.#seed ^ 0x5bd1e995) | 0];
  }

  #next(): number {
    this.#generator ??= xoroshiro128plus(this.key[0] ^ Math.imul(this.key[1], 0x9e3779b1));
    return this.#generator.next() >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.#next() >>> 5) * 67108864 + (this.#next() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** 0..n-1 in random order (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }
}
