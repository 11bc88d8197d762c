import type { RandomStream } from '../random/random.js';
import type { ModalitySpec } from './encoder.js';
import type { ModalityKind } from './facts.js';

/** Rows of one batch: per modality a row-major array [rows, ...shape]. */
export type BatchArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/** What is known of rows beside their arrays. */
export interface RowNames {
  /** Group of each row (speaker, subject, video): rows that are cut off, as validation is, are then whole groups. */
  readonly groups?: readonly string[] | undefined;
  /** What each row is called in its source (file, id, line), for messages and the hash of the split. */
  readonly ids?: readonly string[] | undefined;
}

/** One split. Reading rows may be asynchronous (files), and is deterministic given the rows and the random stream. */
export interface Split extends RowNames {
  readonly size: number;
  /** Class index of each row. */
  readonly labels: Int32Array;
  /** Reading goes on beside other work (threads do it), so a pass begins to read a batch while it works on the one before. */
  readonly readsAhead?: boolean;
  /**
   * @param random present in training passes: where augmentation draws from.
   * @param modalities those that are needed; others may be left out. Default: all.
   */
  read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): BatchArrays | Promise<BatchArrays>;
}

/** A loaded dataset. Train, validation and test are three things; where `validation` is absent the trainer carves it from train. */
export interface LoadedDataset {
  readonly classes: readonly string[];
  readonly modalities: readonly ModalitySpec[];
  readonly splits: { readonly train: Split; readonly validation?: Split; readonly test: Split };
  /** Hash of the arrays or files and the split: the same data give the same fingerprint. */
  readonly fingerprint: string;
  /** Things a reader of the results should know (rows dropped, known leaks). */
  readonly notes?: readonly string[];
  /** What was fitted on the rows of the training split, e.g. "scaling": a protocol that parts the rows anew says so. */
  readonly fitted?: string;
  /** Of modalities of tokens: the piece that each id stands for, where it is known. */
  readonly vocabularies?: Readonly<Record<string, readonly string[]>>;
}

/** How far a long preparation of data is, e.g. filling the cache of decoded files. */
export interface DataProgress {
  /** What is being done, in a few words. */
  readonly task: string;
  readonly done: number;
  readonly total: number;
}

/** A dataset piece. `modalities` is known from the options alone, so that a config is checked before any data is read. */
export interface Dataset {
  readonly modalities: readonly { readonly name: string; readonly kind: ModalityKind }[];
  load(): Promise<LoadedDataset>;
}

export interface DatasetContext {
  /** Folder with the user's data; ask `requireDataRoot()` when it is needed. */
  readonly dataRoot: string | undefined;
  /** Throws EQM_DATA_ROOT naming the dataset. */
  requireDataRoot(): string;
  /** Folder of the experiment file, for relative paths in options. */
  readonly baseDir: string;
  /** Streams of the data seed: generated data and pairings do not change with the run's seed. */
  readonly random: RandomStream;
  /** Called while `load` does something that takes long. */
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
}
