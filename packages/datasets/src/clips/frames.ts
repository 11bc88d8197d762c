import { statSync } from 'node:fs';
import type { ModalityKind } from '@equimodal/core';
import type { SplitName } from '../features/labels.js';
import { pickFrames, picksAtRandom } from '../front-ends/image/pick.js';
import { listFiles } from '../images/list.js';
import { framesLoader, framesShape, type FramesOptions } from '../media/frames/frames.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaModality } from '../media/split.js';
import { missing } from '../readers/bytes.js';
import type { Absent, Finder } from './finder.js';
import { Folders } from './folders.js';
import type { ClipRow } from './list.js';
import type { FrameChoice } from './options.js';

export interface FramePlaces {
  readonly root: string;
  /** Usual folders, below `root`. */
  readonly folders: readonly string[];
  /** Endings of the names of the folders of a clip. Default: none. */
  readonly endings?: readonly string[];
  /** Clips with fewer frames are left out. */
  readonly minFrames: number;
}

/** Kind of the modality, from the options alone. */
export const framesKind = ({ count }: Pick<FrameChoice, 'count'>): ModalityKind => (count === 1 ? 'image' : 'video');

/** Finds the images of a clip: a folder for each. */
export class FrameFinder implements Finder {
  readonly kind: ModalityKind;
  readonly #folders: Folders;

  constructor(
    private readonly choice: FrameChoice,
    private readonly places: FramePlaces,
  ) {
    this.kind = framesKind(choice);
    this.#folders = new Folders(places.root, choice.folder === undefined ? places.folders : [choice.folder]);
  }

  check(): void {
    if ((['train', 'test'] as const).every((split) => this.#folders.of(split).length === 0))
      throw missing('there is no folder of frames', this.#folders.candidates());
  }

  find({ name, stems = [name] }: ClipRow, split: SplitName): MediaSource | Absent {
    const { endings = [''], minFrames } = this.places;
    const folder = this.#folders.find(split, stems, endings);
    if (folder === undefined || !statSync(folder).isDirectory()) return { absent: 'no frames' };
    const files = listFiles(folder, { order: this.choice.order });
    if (files.length === 0) return { absent: 'no frames' };
    return files.length < minFrames ? { absent: `fewer than ${minFrames} frames` } : { files: this.#picked(files) };
  }

  /** The frames that can be taken: all of them where that is drawn, else those that are, so that no others are remembered. */
  #picked(files: readonly string[]): readonly string[] {
    const { count, pick } = this.choice;
    return picksAtRandom(pick) ? files : pickFrames(files.length, count, pick).map((frame) => files[frame]!);
  }

  modality(): MediaModality {
    const { pick } = this.choice;
    const options = imageOptions({ ...this.choice, pick: picksAtRandom(pick) ? pick : 'first' });
    return { loader: framesLoader, options, shape: framesShape(options) };
  }
}

/** What the loader of frames makes of the options of a dataset. */
export function imageOptions({ count, pick, size, fit, augment, normalise, channelOrder, truncated }: FrameChoice): FramesOptions {
  return {
    ...{ count, pick, channelOrder, truncated, height: size, width: size },
    fit: fit === 'stretch' ? { kind: 'stretch' } : { kind: 'centre', shorter: Math.round((size * 8) / 7) },
    ...(augment === 'none'
      ? {}
      : { augment: { ...(augment === 'flip' ? {} : { crop: { kind: 'area' } }), ...(augment === 'crop' ? {} : { flip: 0.5 }) } }),
    ...(normalise === 'none' ? { normalise: null } : {}),
  };
}
