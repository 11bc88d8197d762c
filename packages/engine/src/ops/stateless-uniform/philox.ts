/**
 * Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011), keyed and read as TensorFlow's stateless random ops do.
 */
const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
const WEYL_A = 0x9e3779b9;
const WEYL_B = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const middleLow = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000)) >>> 0;
}

/** One block: encrypts the counter (4 words) with the key (2 words) in place. */
export function philox(counter: Uint32Array, key0: number, key1: number): void {
  let c0 = counter[0]!;
  let c1 = counter[1]!;
  let c2 = counter[2]!;
  let c3 = counter[3]!;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_A, c0);
    const low0 = Math.imul(MULTIPLIER_A, c0);
    const high1 = multiplyHigh(MULTIPLIER_B, c2);
    const low1 = Math.imul(MULTIPLIER_B, c2);
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c3 = low0 >>> 0;
    key0 = (key0 + WEYL_A) >>> 0;
    key1 = (key1 + WEYL_B) >>> 0;
  }
  counter[0] = c0;
  counter[1] = c1;
  counter[2] = c2;
  counter[3] = c3;
}

/**
 * Fills `output` with uniform numbers in [0, 1), bit for bit those of TensorFlow's
 * `StatelessRandomUniform` with that int32 seed: the seed is scrambled into key and counter by one
 * block, then block i encrypts counter + i, and 23 bits of each word become the mantissa.
 */
export function fillUniform(output: Float32Array, seed0: number, seed1: number): void {
  // An int32 seed is widened to 64 bits with its sign.
  const start = Uint32Array.of(seed0, seed0 >> 31, seed1, seed1 >> 31);
  philox(start, 0x3ec8f720, 0x02461e29);
  const key0 = start[0]!;
  const key1 = start[1]!;
  const counter2 = start[2]!;
  const counter3 = start[3]!;

  const block = new Uint32Array(4);
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let i = 0, at = 0; at < output.length; i++) {
    // The counter's low 64 bits start at zero, so they are the block's index.
    block[0] = i;
    block[1] = Math.floor(i / 0x100000000);
    block[2] = counter2;
    block[3] = counter3;
    philox(block, key0, key1);
    for (let j = 0; j < 4 && at < output.length; j++, at++) {
      bits[0] = (block[j]! & 0x7fffff) | 0x3f800000;
      output[at] = value[0]! - 1;
    }
  }
}
