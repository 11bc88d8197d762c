import type { ModalityKind } from '@equimodal/core';
import type { Absent, Finder } from '../clips/finder.js';
import { Folders } from '../clips/folders.js';
import type { ClipRow } from '../clips/list.js';
import type { SplitName } from '../features/labels.js';
import { arraysLoader, readStoredArray, squeezed } from '../media/arrays/arrays.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaModality } from '../media/split.js';
import { malformed, missing } from '../readers/bytes.js';

const ENDINGS = ['_token.npy', '.npy'];

/** Finds ids of tokens that were stored as arrays, all of one length. */
export class TokensFinder implements Finder {
  readonly kind: ModalityKind = 'tokens';
  readonly #folders: Folders;

  constructor(root: string, patterns: readonly string[]) {
    this.#folders = new Folders(root, patterns);
  }

  check(): void {
    if (!this.#folders.hold(['.npy'])) throw missing('there are no stored tokens', this.#folders.candidates());
  }

  find({ name }: ClipRow, split: SplitName): MediaSource | Absent {
    const file = this.#folders.find(split, [name], ENDINGS);
    return file === undefined ? { absent: 'no stored tokens' } : { files: [file] };
  }

  modality(first: MediaSource): MediaModality {
    const file = first.files[0]!;
    const shape = squeezed(readStoredArray(file).shape);
    if (shape.length !== 1) throw malformed(file, '', `ids of tokens are one axis, this array has ${shape.length}`);
    return { loader: arraysLoader, options: { shape, integers: true }, shape };
  }
}
