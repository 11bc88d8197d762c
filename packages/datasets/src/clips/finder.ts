import type { ModalityKind } from '@equimodal/core';
import type { SplitName } from '../features/labels.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaModality } from '../media/split.js';
import type { ClipRow } from './list.js';

/** Why a row cannot be read, in a few words that follow its number: "no sound file". */
export interface Absent {
  readonly absent: string;
}

export const isAbsent = (found: MediaSource | Absent): found is Absent => 'absent' in found;

/** Finds what one modality of the rows is made of. */
export interface Finder {
  /** Known before anything is looked for. */
  readonly kind: ModalityKind;
  /** Fails where nothing can be found at all, with every path that was looked at. @throws EQM_DATA_MISSING */
  check(): void;
  /** @param index number of the row in its list, from 0. */
  find(row: ClipRow, split: SplitName, index: number): MediaSource | Absent;
  /** How rows are read. @param first what was found for the first training row. */
  modality(first: MediaSource): MediaModality;
  /** What a reader of the results should know. */
  readonly notes?: readonly string[];
}
