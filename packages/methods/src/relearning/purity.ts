/** Rows of features with the classes they belong to. */
export interface Labelled {
  readonly rows: number[][];
  readonly labels: readonly number[];
}

/**
 * Share of the rows that belong to the most frequent class of their cluster. 1: every cluster holds one class only.
 *
 * @param clusters the cluster of each row
 */
export function purity(clusters: readonly number[], labels: readonly number[]): number {
  const counts = new Map<number, Map<number, number>>();
  for (const [i, cluster] of clusters.entries()) {
    const own = counts.get(cluster) ?? new Map<number, number>();
    counts.set(cluster, own.set(labels[i]!, (own.get(labels[i]!) ?? 0) + 1));
  }
  const best = [...counts.values()].reduce((sum, own) => sum + Math.max(...own.values()), 0);
  return best / clusters.length;
}

/** Purity of a k-means clustering into as many clusters as there are classes, fewer where there are not that many rows. */
export async function clusterPurity({ rows, labels }: Labelled, classes: number, seed: number): Promise<number> {
  // Loaded when it is needed: it takes longer than the rest of the package.
  const { kmeans } = await import('ml-kmeans');
  const { clusters } = kmeans(rows, Math.min(classes, rows.length), { seed, initialization: 'kmeans++' });
  return purity(clusters, labels);
}

/** How far a modality is put back towards where it began: tanh(lambda gap), nothing where validation is the purer. */
export const relearningStrength = (train: number, validation: number, lambda: number): number =>
  Math.tanh(lambda * Math.max(0, train - validation));
