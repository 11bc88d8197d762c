/** One figure over seeds. `std` is the sample standard deviation (n - 1), 0 for one seed. */
export interface Figure {
  readonly mean: number;
  readonly std: number;
  /** One value per seed, in the order of `seeds`. */
  readonly values: readonly number[];
  /** 95 % confidence interval of the mean (Student t), null for one seed. */
  readonly ci95: readonly [number, number] | null;
}

/** A paired comparison of a row with the reference row, over the same seeds. */
export interface PairedTest {
  readonly reference: string;
  readonly metric: string;
  /** Mean over seeds of (row - reference). */
  readonly difference: number;
  /** Two-sided p value of the paired t test; null when it is not defined (one seed, or no variance). */
  readonly pValue: number | null;
}

/** One row of the comparison table. */
export interface ResultRow {
  readonly recipe: string;
  readonly description: string;
  readonly seeds: readonly number[];
  /** Test figures: `accuracy`, `macroF1`, `map`, `modalityGap`, and per modality `accuracy/audio`, ... */
  readonly metrics: Readonly<Record<string, Figure>>;
  /** The same figures on validation, empty when the run has no validation split. */
  readonly validation: Readonly<Record<string, Figure>>;
  readonly versusReference: PairedTest | null;
  /** Sum over seeds of the wall time of training and evaluation. */
  readonly seconds: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly backwardPassesPerStep: number;
  readonly peakMemoryMb: number;
}

/** How one run went, epoch by epoch, for plots. */
export interface RunCurve {
  readonly recipe: string;
  readonly seed: number;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly alpha: number | null;
    readonly trainLoss: number;
    readonly validationAccuracy: number | null;
    /** Validation accuracy of each modality's own read-out. */
    readonly perModality: Readonly<Record<string, number>>;
  }[];
}

/** Everything a report is made of; also written as results.json. */
export interface ComparisonResults {
  readonly experiment: string;
  readonly description: string;
  /** `validation`, `last` or `legacy-test`: how the scored epoch was chosen. */
  readonly selection: string;
  readonly reference: string | null;
  readonly engine: {
    readonly id: string;
    readonly backend: string;
    readonly gpu: boolean;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly dataset: {
    readonly id: string;
    readonly fingerprint: string;
    readonly classes: number;
    readonly modalities: readonly string[];
    readonly sizes: Readonly<Record<string, number>>;
    readonly notes: readonly string[];
  };
  readonly version: string;
  /** Wall time of the whole grid. */
  readonly wallSeconds: number;
  readonly rows: readonly ResultRow[];
  readonly curves: readonly RunCurve[];
  /** Runs that did not finish, with the reason. */
  readonly failures: readonly { readonly recipe: string; readonly seed: number; readonly message: string }[];
}
