import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashKey } from '@equimodal/core';
import { safeName } from '../clips/list.js';
import { listFiles } from '../images/list.js';
import type { MediaRows } from '../media/dataset.js';
import { framesLoader, type FramesOptions } from '../media/frames/frames.js';
import { defineLoader, type MediaSource } from '../media/loader.js';
import { malformed, missing } from '../readers/bytes.js';
import { withHdf5 } from '../readers/hdf5.js';
import { readJson } from '../readers/json.js';

/** The first and the last of some views that follow one another. */
export type Arc = readonly [number, number];

/** Which view is read outside of training passes: the one in the middle, or one that the object's name decides. */
export type StillView = 'middle' | 'drawn';

/** A view of an object out of an arc; the files are named `<stem>.<view>.png`. The first file stands for all of them. */
export interface TurnedSource extends MediaSource {
  readonly stem: string;
  readonly object: string;
}

export type TurnedOptions = { readonly arc: Arc; readonly still: StillView; readonly frames: FramesOptions };

/** In a training pass a random view of an arc, else the one that `still` says. */
export const turnedLoader = defineLoader<TurnedOptions, TurnedSource>({
  name: 'turnedLoader',
  module: import.meta.url,
  version: 1,
  augments: () => true,
  caches: () => false,
  create({ arc: [first, last], still, frames }) {
    const loader = framesLoader.create(frames);
    const views = last - first + 1;
    return {
      read({ stem, object }, context) {
        const drawn = still === 'drawn' ? hashKey(`${object} ${first}`) % views : Math.floor(views / 2);
        const view = first + (context.random?.at('view').integer(views) ?? drawn);
        return loader.read({ files: [viewFile(stem, view)] }, context);
      },
    };
  },
});

const viewFile = (stem: string, view: number): string => `${stem}.${view}.png`;

/** Whether a folder has the lists of this layout. */
export const isTurntable = (root: string): boolean => existsSync(join(root, 'pt'));

/** An object of the lists. */
interface Listed {
  readonly label: number;
  /** `<class>/<name>`. */
  readonly object: string;
}

export interface TurntableObjects extends MediaRows {
  readonly dropped: number;
}

/**
 * Objects of `pt/ply_data_<split><i>.h5` (dataset `label`) and `pt/ply_data_<split>_<i>_id2file.json` (`<class>/<name>.<ending>`), in their
 * order. Classes are in the order of their labels.
 *
 * @param arcs of the modalities, by name.
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export async function readTurntable(
  root: string,
  arcs: Readonly<Record<string, Arc>>,
  incomplete: 'error' | 'drop',
): Promise<{ readonly classes: readonly string[]; readonly train: TurntableObjects; readonly test: TurntableObjects }> {
  const folder = join(root, 'pt');
  const [train, test] = [await readLists(folder, 'train'), await readLists(folder, 'test')];
  const classes: string[] = [];
  for (const { label, object } of [...train, ...test]) {
    const name = object.slice(0, object.indexOf('/'));
    classes[label] ??= name;
    if (classes[label] !== name) throw malformed(folder, '', `label ${label} stands for "${classes[label]}" and for "${name}"`);
  }
  const none = Array.from(classes).findIndex((name) => name === undefined);
  if (none >= 0) throw malformed(folder, '', `no object has label ${none}, one has ${classes.length - 1}`);
  const twice = classes.find((name, i) => classes.indexOf(name) < i);
  if (twice !== undefined) throw malformed(folder, '', `the class "${twice}" has two labels`);
  const rows = (listed: readonly Listed[]): TurntableObjects => objectsOf(root, listed, arcs, incomplete);
  return { classes, train: rows(train), test: rows(test) };
}

async function readLists(folder: string, split: 'train' | 'test'): Promise<Listed[]> {
  const pattern = new RegExp(`[/\\\\]ply_data_${split}(\\d+)\\.h5$`);
  const files = existsSync(folder) ? listFiles(folder, { endings: ['.h5'], order: 'number' }).filter((file) => pattern.test(file)) : [];
  if (files.length === 0) throw missing(`there are no lists of the ${split} split`, [join(folder, `ply_data_${split}0.h5`)]);
  const listed: Listed[] = [];
  for (const file of files) {
    const labels = await withHdf5(file, (open) => open.array('label').data);
    const names = join(folder, `ply_data_${split}_${pattern.exec(file)![1]}_id2file.json`);
    const objects = readJson(names);
    if (!Array.isArray(objects) || objects.length !== labels.length)
      throw malformed(names, '', `expected a list of ${labels.length} files, one for each label of ${file}`);
    objects.forEach((object: unknown, i) => {
      const label = labels[i]!;
      if (!Number.isInteger(label) || label < 0 || label > 9999)
        throw malformed(file, `label ${i}`, `${label} is not the number of a class`);
      if (typeof object !== 'string' || object.split('/').length !== 2)
        throw malformed(names, `element ${i}`, 'expected "<class>/<name>.<ending>"');
      listed.push({ label, object: safeName(object.replace(/\.[^./]*$/, ''), names, i + 1, true) });
    });
  }
  return listed;
}

function objectsOf(
  root: string,
  listed: readonly Listed[],
  arcs: Readonly<Record<string, Arc>>,
  incomplete: 'error' | 'drop',
): TurntableObjects {
  const labels: number[] = [];
  const sources: Record<string, TurnedSource[]> = Object.fromEntries(Object.keys(arcs).map((name) => [name, []]));
  for (const { label, object } of listed) {
    const stem = join(root, 'image', object, object.slice(object.indexOf('/') + 1));
    const lacking = Object.values(arcs).flatMap((arc) => arc.map((view) => viewFile(stem, view)).filter((file) => !existsSync(file)));
    if (lacking.length > 0 && incomplete === 'drop') continue;
    if (lacking.length > 0) throw missing(`views of the object "${object}" are missing`, lacking);
    labels.push(label);
    for (const [name, [first]] of Object.entries(arcs)) sources[name]!.push({ files: [viewFile(stem, first)], stem, object });
  }
  return { labels: Int32Array.from(labels), sources, dropped: listed.length - labels.length };
}
