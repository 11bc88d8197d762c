import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModalityKind } from '@equimodal/core';
import type { Absent, Finder } from '../clips/finder.js';
import type { ClipLists, ClipRow } from '../clips/list.js';
import type { SplitName } from '../features/labels.js';
import { listFiles } from '../images/list.js';
import { readStoredArray } from '../media/arrays/arrays.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaModality } from '../media/split.js';
import { requireFfmpeg } from '../media/video/ffmpeg.js';
import { storedFlowLoader, storedFlowShape } from '../media/video/flow.js';
import { videoLoader, videoShape, type VideoOptions, type VideoSource } from '../media/video/video.js';
import { missing } from '../readers/bytes.js';
import type { GestureRow } from './list.js';

/** All modalities of a clip take the same part of it. */
const DRAWS = 'clip';

/** Finds the frames of a sensor: images in a folder, else a video. */
export class SensorFinder implements Finder {
  readonly kind: ModalityKind = 'video';
  readonly #folders: readonly string[];

  constructor(
    root: string,
    private readonly sensor: 'color' | 'depth',
    private readonly options: VideoOptions,
  ) {
    this.#folders = [join(root, 'Video_data'), root];
  }

  check(): void {
    if (!this.#folders.some((folder) => existsSync(folder))) throw missing('the folder of the clips is missing', this.#folders);
  }

  find(row: ClipRow): VideoSource | Absent {
    const sensor = (row as GestureRow).sensors[this.sensor];
    if (sensor === undefined) return { absent: `no sensor "${this.sensor}" in the list` };
    const { stem, from, to } = sensor;
    for (const folder of this.#folders.map((root) => join(root, row.name))) {
      for (const name of [`${stem}_all`, stem]) {
        const frames = join(folder, name);
        if (!isFolder(frames)) continue;
        const files = listFiles(frames, { order: 'number' });
        if (files.length > from) return { files, video: false, from, to };
      }
      const file = join(folder, `${stem}.avi`);
      if (!existsSync(file)) continue;
      requireFfmpeg(file);
      return { files: [file], video: true, from, to };
    }
    return { absent: `no video or frames of the sensor "${this.sensor}"` };
  }

  modality(): MediaModality {
    return { loader: videoLoader, options: this.options, shape: videoShape(this.options), draws: DRAWS };
  }
}

/** Folders of stored flow. Those of another split are never taken: the numbers would be those of other clips. */
const FLOW: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train'],
  validation: ['valid', 'validation', 'val'],
  test: ['test'],
};

/** Finds stored flow: an array a clip, named by the number of its line, from 0. */
export class FlowFinder implements Finder {
  readonly kind: ModalityKind = 'video';
  readonly #roots: readonly string[];
  /** Where the lists of training and test have a clip. */
  readonly #places = new Map<string, readonly [SplitName, number]>();

  constructor(
    root: string,
    lists: ClipLists,
    private readonly options: { readonly frames?: number | undefined; readonly crop: number; readonly still: boolean },
  ) {
    this.#roots = [join(root, 'Video_data/flow_data'), join(root, 'flow_data')];
    for (const split of ['test', 'train'] as const) lists[split].forEach(({ name }, index) => this.#places.set(name, [split, index]));
  }

  check(): void {
    if (this.#roots.some(isFolder)) return;
    throw missing('there is no stored flow; where you have none, set `modalities: [rgb, depth]`', this.#roots);
  }

  find({ name }: ClipRow, split: SplitName, index: number): MediaSource | Absent {
    const listed = split === 'validation' ? this.#places.get(name) : undefined;
    for (const [where, number] of [[split, index] as const, ...(listed === undefined ? [] : [listed])]) {
      for (const root of this.#roots) {
        const file = FLOW[where].map((folder) => join(root, folder, `${number}.npy`)).find((path) => existsSync(path));
        if (file !== undefined) return { files: [file] };
      }
    }
    return { absent: 'no stored flow' };
  }

  modality(first: MediaSource): MediaModality {
    const { crop, still, frames } = this.options;
    const options = { take: frames ?? readStoredArray(first.files[0]!).shape[3] ?? 1, crop, still };
    return { loader: storedFlowLoader, options, shape: storedFlowShape(options), draws: DRAWS };
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
