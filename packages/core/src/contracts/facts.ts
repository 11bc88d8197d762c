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
  /** Fusions: encoders with stages, to exchange their maps */
  | 'stages';

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
  /** Backward passes per training step it causes (1 is a plain step). */
  readonly backwardPassesPerStep?: number;
  /** Metrics. */
  readonly higherIsBetter?: boolean;
  readonly bounds?: readonly [number, number];
  /** Anything worth saying in `equimodal list`: released-code behaviour, known limits. */
  readonly note?: string;
}
