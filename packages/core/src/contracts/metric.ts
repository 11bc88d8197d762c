/** What a metric is computed from: a whole split, as plain arrays. */
export interface Predictions {
  readonly size: number;
  readonly classes: number;
  /** Row-major [size, classes], rows sum to one. */
  readonly probabilities: Float32Array | Float64Array;
  readonly labels: Int32Array;
}

/** A metric of predictions, of the modalities' features, or of a read-out fitted to them. Pure. */
export interface Metric {
  /** Key in metrics.json. */
  readonly key: string;
  /** From class probabilities; also computed for each modality's own read-out. */
  predictions?(input: Predictions): number;
  /** From features by modality, row-major [size, featureSizes[m]]. Null where it is not defined (one modality). */
  features?(input: FeatureTable): number | null;
  /** From a read-out of its own, fitted to features of the training split. Only of the model that a run ends with. */
  probe?(input: ProbeInput): ProbeFigures;
}

/** Features of two splits with their labels: one to fit a read-out to, one to score it on. */
export interface ProbeInput {
  readonly classes: number;
  readonly featureSizes: Readonly<Record<string, number>>;
  readonly train: LabelledFeatures;
  readonly scored: LabelledFeatures;
}
export interface LabelledFeatures {
  readonly size: number;
  readonly labels: Int32Array;
  /** By modality, row-major [size, featureSizes[m]]. */
  readonly features: Readonly<Record<string, Float32Array>>;
}
export interface ProbeFigures {
  /** On the features of all modalities, one after the other. */
  readonly all: number;
  /** On those of each modality alone. */
  readonly perModality: Readonly<Record<string, number>>;
}

export interface FeatureTable {
  readonly size: number;
  readonly features: Readonly<Record<string, Float32Array>>;
  readonly featureSizes: Readonly<Record<string, number>>;
}
