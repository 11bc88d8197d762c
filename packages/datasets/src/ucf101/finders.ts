import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModalityKind } from '@equimodal/core';
import type { Absent, Finder } from '../clips/finder.js';
import { framesKind, imageOptions } from '../clips/frames.js';
import type { ClipRow } from '../clips/list.js';
import type { FrameChoice } from '../clips/options.js';
import { listFiles, type FileOrder } from '../images/list.js';
import { framesLoader, framesShape } from '../media/frames/frames.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaModality } from '../media/split.js';
import { flowImagesLoader, flowImagesShape, type FlowImagesOptions, type FlowImagesSource } from '../media/video/flow-images.js';
import { missing } from '../readers/bytes.js';

/** Images of a clip, below the first folder that has it, by itself or in the folder of its class. */
function imagesOf(folders: readonly string[], { name, label }: ClipRow, order: FileOrder): string[] {
  for (const folder of folders) {
    for (const path of [join(folder, name), join(folder, label, name)]) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return listFiles(path, { order });
    }
  }
  return [];
}

function requireFolder(what: string, folders: readonly string[]): void {
  if (!folders.some((folder) => existsSync(folder))) throw missing(`there is no folder of ${what}`, folders);
}

/** Finds the frames of a clip. */
export class ColourFinder implements Finder {
  readonly kind: ModalityKind;

  constructor(
    private readonly folders: readonly string[],
    private readonly choice: FrameChoice,
  ) {
    this.kind = framesKind(choice);
  }

  check(): void {
    requireFolder('frames', this.folders);
  }

  find(row: ClipRow): MediaSource | Absent {
    const files = imagesOf(this.folders, row, this.choice.order);
    return files.length === 0 ? { absent: 'no frames' } : { files };
  }

  modality(): MediaModality {
    const options = imageOptions(this.choice);
    return { loader: framesLoader, options, shape: framesShape(options) };
  }
}

/** Finds the flow of a clip: images of the horizontal and of the vertical part. */
export class FlowImagesFinder implements Finder {
  readonly kind: ModalityKind;

  constructor(
    private readonly horizontal: readonly string[],
    private readonly vertical: readonly string[],
    private readonly options: FlowImagesOptions,
  ) {
    this.kind = framesKind(options);
  }

  check(): void {
    requireFolder('horizontal flow; where you have none, set `modalities: [rgb]`', this.horizontal);
    requireFolder('vertical flow', this.vertical);
  }

  find(row: ClipRow): FlowImagesSource | Absent {
    const [u, v] = [imagesOf(this.horizontal, row, 'number'), imagesOf(this.vertical, row, 'number')];
    if (u.length === 0 || v.length === 0) return { absent: 'no flow' };
    if (u.length !== v.length) return { absent: 'unequal numbers of horizontal and vertical flow' };
    return { files: [...u, ...v], frames: u.length };
  }

  modality(): MediaModality {
    return { loader: flowImagesLoader, options: this.options, shape: flowImagesShape(this.options) };
  }
}
