/** What a metric is computed from: a whole split, as plain arrays. */
export interface Predictions {
  readonly size: number;
  readonly classes: number;
  /** Row-major [size, classes], rows sum to one. */
  readonly probabilities: Float32Array | Float64Array;
  readonly labels: Int32Array;
}

/** A metric of predictions, of the modalities' features, of a read-out fitted to them, or of predictions under conditions. Pure. */
export interface Metric {
  /** Key in metrics.json. */
  readonly key: string;
  /** From class probabilities; also computed for each modality's own read-out. */
  predictions?(input: Predictions): number;
  /** From features by modality, row-major [size, featureSizes[m]]. Null where it is not defined (one modality). */
  features?(input: FeatureTable): number | null;
  /** From a read-out of its own, fitted to features of the training split. Only of the model that a run ends with. */
  probe?(input: ProbeInput): ProbeFigures;
  /** From predictions under conditions that the metric chooses. Only of the model that a run ends with. */
  conditions?(input: ConditionInput): Promise<ConditionFigures>;
}

/** How the inputs of a split are changed before the model sees them. Without either they are as they are. */
export interface Condition {
  /**
   * The modalities that are shown. All values of the others are zero before the encoder (of a frozen one: it is given what it makes of
   * zeros), so that any fusion can be asked. Default: all.
   */
  readonly present?: readonly string[];
  /**
   * Level of noise by modality, from 0 up. Numbers get Gaussian noise of `level` standard deviations of the sample's own values in that
   * modality; tokens become 0 with probability `level`. What is drawn hangs on row and modality alone.
   */
  readonly noise?: Readonly<Record<string, number>>;
}

/** A split whose predictions can be had under any condition. */
export interface ConditionInput {
  readonly modalities: readonly string[];
  /** Predictions of the whole split, one pass over it; the same condition is run once for all metrics. */
  predict(condition: Condition): Promise<Predictions>;
}

/** Figures by name, as they come into metrics.json. */
export interface ConditionFigures {
  readonly all: Readonly<Record<string, number>>;
  readonly perModality: Readonly<Record<string, Readonly<Record<string, number>>>>;
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
