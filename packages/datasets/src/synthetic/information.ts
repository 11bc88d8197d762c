import type { RandomStream } from '@equimodal/core';
import { gaussianSource } from '../front-ends/noise.js';

/** Shares of the rows by where their class is to be seen; what is left is nowhere. */
export interface Shares {
  readonly redundant: number;
  readonly synergy: number;
  /** By modality. */
  readonly unique: readonly number[];
}

/** Rows of a split: labels and, per modality and row, which pattern is shown (-1: none). Pattern c is class c, pattern C + s symbol s. */
export interface Symbols {
  readonly labels: Int32Array;
  readonly patterns: readonly Int32Array[];
}

/** Deals classes and shares out to rows, in equal parts and random order, and draws the symbols. */
export function drawSymbols(rows: number, classes: number, shares: Shares, random: RandomStream): Symbols {
  const labels = random
    .at('labels')
    .permutation(rows)
    .map((place) => place % classes);
  const places = random.at('kinds').permutation(rows);
  const draw = random.at('symbols');
  const count = shares.unique.length;
  const patterns = Array.from({ length: count }, () => new Int32Array(rows).fill(-1));
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    let at = (places[row]! + 0.5) / rows;
    const within = (share: number): boolean => (at -= share) < 0;
    if (within(shares.redundant)) for (const shown of patterns) shown[row] = label;
    else if (within(shares.synergy)) {
      let rest = label;
      patterns.forEach((shown, m) => {
        const symbol = m === count - 1 ? ((rest % classes) + classes) % classes : draw.integer(classes);
        rest -= symbol;
        shown[row] = classes + symbol;
      });
    } else {
      const owner = shares.unique.findIndex(within);
      if (owner >= 0) patterns[owner]![row] = label;
    }
  }
  return { labels, patterns };
}

/** `count` orthonormal vectors of `size` random directions, row by row [count, size]: Gram and Schmidt's way, twice for precision. */
export function orthonormal(count: number, size: number, random: RandomStream): Float64Array {
  const normal = gaussianSource(random);
  const out = new Float64Array(count * size);
  for (let i = 0; i < count; i++) {
    const row = out.subarray(i * size, (i + 1) * size);
    for (let k = 0; k < size; k++) row[k] = normal();
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = out.subarray(j * size, (j + 1) * size);
        const along = dot(row, other);
        for (let k = 0; k < size; k++) row[k]! -= along * other[k]!;
      }
      const length = Math.sqrt(dot(row, row));
      for (let k = 0; k < size; k++) row[k]! /= length;
    }
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
