import { RandomStream } from '@equimodal/core';
import { UMAP } from 'umap-js';

/**
 * Rows in a plane by UMAP (15 neighbours, least distance .1), seeded, so the same rows give the same picture. Distances
 * between far groups mean little in it. Null for fewer rows than neighbours.
 *
 * Source: McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection" (2018).
 */
export function umapPlane(rows: readonly ArrayLike<number>[]): [number, number][] | null {
  const neighbours = 15;
  if (rows.length <= neighbours) return null;
  const random = new RandomStream(7).at('umap');
  const umap = new UMAP({ nComponents: 2, nNeighbors: neighbours, minDist: 0.1, nEpochs: 100, random: () => random.uniform() });
  return umap.fit(rows.map((row) => Array.from(row))).map(([x, y]) => [x!, y!]);
}
