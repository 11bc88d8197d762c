/** What a metric is computed from: a whole split, as plain arrays. */
export interface Predictions {
  readonly size: number;
  readonly classes: number;
  /** Row-major [size, classes], rows sum to one. */
  readonly probabilities: Float32Array | Float64Array;
  readonly labels: Int32Array;
}

/** A metric of predictions, or of the modalities' features. Pure. */
export interface Metric {
  /** Key in metrics.json. */
  readonly key: string;
  /** From class probabilities; also computed for each modality's own read-out. */
  predictions?(input: Predictions): number;
  /** From features by modality, row-major [size, featureSizes[m]]. Null where it is not defined (one modality). */
  features?(input: FeatureTable): number | null;
}

export interface FeatureTable {
  readonly size: number;
  readonly features: Readonly<Record<string, Float32Array>>;
  readonly featureSizes: Readonly<Record<string, number>>;
}
