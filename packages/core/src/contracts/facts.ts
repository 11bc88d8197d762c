/** What kind of array a modality is. Shapes exclude the batch axis. */
export type ModalityKind =
  /** [features] */
  | 'vector'
  /** [height, width, channels] */
  | 'image'
  /** [frequency, time, channels] */
  | 'spectrogram'
  /** [time, features] */
  | 'sequence'
  /** [time, height, width, channels] */
  | 'video'
  /** [tokens] int32 */
  | 'tokens';

/** What a step must provide for a piece to work. */
export type Need =
  /** the loss gradient of every named term, separately */
  | 'gradients-by-loss'
  /** training data held out for an outer problem */
  | 'outer-data'
  /** Methods: figures of a validation split */
  | 'validation'
  /** Fusions: encoders with stages, to exchange their maps */
  | 'stages';

/** What only one method of a row can have: two that claim the same exclude each other. */
export type Claim =
  /** several optimizer steps a batch, or phases of epochs */
  | 'plan'
  /** it replaces the classification terms of the objective */
  | 'objective'
  /** it sets the inference rule */
  | 'prediction';

/** A number, or one that grows with the modalities of the row. */
export type Count = number | { readonly base: number; readonly perModality: number };

/** The count for a number of modalities. */
export function countFor(count: Count, modalities: number): number {
  return typeof count === 'number' ? count : count.base + count.perModality * modalities;
}

/**
 * Declared facts of a piece. The host refuses impossible combinations by them before any data is
 * loaded; tables, plots and `equimodal list` read them.
 */
export interface Facts {
  /** Where the piece comes from. */
  readonly paper?: { readonly title: string; readonly venue?: string; readonly url?: string };
  /** How many modalities it can take. Absent: any number. */
  readonly modalities?: { readonly min?: number; readonly max?: number };
  /** Encoders: the kinds of input it accepts. Absent: any. */
  readonly accepts?: readonly ModalityKind[];
  /** Encoders: it has stages, which a fusion that needs them can work between. */
  readonly staged?: boolean;
  /** Fusions: why no modality may be missing at inference. Absent: any may. */
  readonly missing?: string;
  /** Methods: ids of the fusions it works with. Absent: any. */
  readonly fusions?: readonly string[];
  readonly needs?: readonly Need[];
  /** Methods: what no other method of a row may claim as well. */
  readonly claims?: readonly Claim[];
  /** Backward passes per training step it causes (1 is a plain step). */
  readonly backwardPassesPerStep?: Count;
  /**
   * Passes over the training subset in an epoch beside training itself, on average; 'varies' with options and length. Absent: none.
   * Every run counts what there was (`dataPassesPerEpoch` of its metrics).
   */
  readonly auxiliaryPassesPerEpoch?: Count | 'varies';
  /** Metrics. */
  readonly higherIsBetter?: boolean;
  readonly bounds?: readonly [number, number];
  /** Anything worth saying in `equimodal list`: released-code behaviour, known limits. */
  readonly note?: string;
}
