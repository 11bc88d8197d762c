import type { Json, ReliabilityBins } from '@equimodal/core';
import type { PublishedFigure, PublishedFigures } from '../published/published.js';
import type { BootstrapTest } from '../statistics/bootstrap/bootstrap.js';
import type { SweepResults } from './sweep.js';

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
  /** `pValue` after Holm's correction for the number of rows that were tested. */
  readonly holm: number | null;
  /** Two-sided p value of Wilcoxon's signed-rank test over seeds; null when nothing differs. */
  readonly wilcoxon: number | null;
  /** Seeds that both rows have. */
  readonly seeds: number;
  /** The paired bootstrap over test samples; null where runs have no predictions, or not on the same samples. */
  readonly bootstrap: BootstrapTest | null;
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
  /** Floating-point operations of one forward pass of one sample; null where they were not counted. */
  readonly flops: number | null;
  readonly epochs: number;
  readonly backwardPassesPerStep: number;
  /** Passes over the training data in an epoch: training itself and the auxiliary passes that methods declare. */
  readonly dataPassesPerEpoch: number;
  readonly peakMemoryMb: number;
}

/** Validation figures at some moment of training. */
export interface JudgedCurvePoint {
  readonly validationAccuracy: number | null;
  /** Distance between the centres of the modalities' unit features; null where it was not measured. */
  readonly modalityGap: number | null;
  /** Validation accuracy of each modality's own read-out. */
  readonly perModality: Readonly<Record<string, number>>;
}

/** How one run went, epoch by epoch, for plots. */
export interface RunCurve {
  readonly recipe: string;
  readonly seed: number;
  /** Before the first step; null unless `training.scoreInitial` asked for it. */
  readonly initial: JudgedCurvePoint | null;
  readonly epochs: readonly (JudgedCurvePoint & {
    readonly epoch: number;
    readonly alpha: number | null;
    readonly trainLoss: number;
    /** Mean of each unweighted term of the loss. */
    readonly losses: Readonly<Record<string, number>>;
    /** Norm of the classification gradient in each modality's encoder, at the first step of the epoch; empty if not measured. */
    readonly gradientNorm: Readonly<Record<string, number>>;
  })[];
}

/** One run of a row: enough to find it and to make it again. */
export interface RunFacts {
  readonly recipe: string;
  readonly seed: number;
  /** Relative to the folder of the experiment. */
  readonly folder: string;
  readonly accuracy: number | null;
  /** Epoch (from 0) whose parameters were scored. */
  readonly selectedEpoch: number;
  readonly seconds: number;
  readonly started: string | null;
  /** Commit of the folder the experiment file is in. */
  readonly commit: string | null;
}

/** How often each class was taken for which, summed over seeds. */
export interface ConfusionMatrix {
  readonly recipe: string;
  readonly seeds: number;
  /** `counts[true][predicted]` */
  readonly counts: readonly (readonly number[])[];
}

/** How often predictions of a confidence are right: top-label, bins of equal width, the predictions of all seeds pooled. */
export interface Reliability extends ReliabilityBins {
  readonly recipe: string;
  readonly seeds: number;
}

/** Features of test samples in a plane, one run. */
export interface FeatureScatter {
  readonly recipe: string;
  readonly seed: number;
  readonly kind: 'pca' | 'umap';
  /** Share of the variance along x and y; null for layouts that have no such thing. */
  readonly explained: readonly [number, number] | null;
  /** Distance between the centres of the modalities' unit features, mean over pairs of modalities. */
  readonly gap: number | null;
  /** x, y of each sample, of each modality, in the order of `labels`. */
  readonly points: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly labels: readonly number[];
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
    readonly classNames: readonly string[];
    readonly modalities: readonly string[];
    readonly sizes: Readonly<Record<string, number>>;
    readonly notes: readonly string[];
  };
  readonly version: string;
  /** Wall time of the whole grid. */
  readonly wallSeconds: number;
  readonly rows: readonly ResultRow[];
  readonly curves: readonly RunCurve[];
  readonly runs: readonly RunFacts[];
  /** The resolved configuration of each row. */
  readonly recipes: Readonly<Record<string, Json>>;
  /** The file the experiment was read from, as it was named then. */
  readonly file: string | null;
  readonly confusion: readonly ConfusionMatrix[];
  readonly reliability: readonly Reliability[];
  readonly scatter: readonly FeatureScatter[];
  /** What papers print for these rows on this data set. */
  readonly published: readonly PublishedFigures[];
  /** The published figure or table that the rows make again, as it is printed. */
  readonly figure?: PublishedFigure;
  /** Runs that did not finish, with the reason. */
  readonly failures: readonly { readonly recipe: string; readonly seed: number; readonly message: string }[];
  /** How the settings of the rows were chosen, if they were searched. */
  readonly sweep?: SweepResults;
}
