import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, temporaryFolder } from '../data-root.fixture.js';
import { bitmap } from '../readers/encode.fixture.js';
import { writeHdf5 } from '../readers/hdf5-write.fixture.js';
import { modelnet40, modelnet40Options } from './modelnet40.js';

const arcs = [
  [0, 4],
  [5, 8],
];
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  modelnet40
    .create(modelnet40Options.parse({ layout: 'turntable', workers: 0, size: 8, arcs, ...options }), contextOf(root), {
      resolve: () => expect.unreachable(),
    })
    .load();

const OBJECTS = {
  train: [['airplane/airplane_0001.ply', 'chair/chair_0001.ply'], ['chair/chair_0002.ply']],
  test: [['chair/chair_0900.ply', 'airplane/airplane_0627.ply']],
} as const;

/** Every pixel of view k of object n has 10 n + k as its red (files are bitmaps: what they are is seen by their content). */
async function writeRoot(change: (names: string[], labels: number[], part: string) => void = () => {}): Promise<string> {
  const root = temporaryFolder();
  const base = join(root, 'modelnet40');
  mkdirSync(join(base, 'pt'), { recursive: true });
  let n = 0;
  for (const [split, parts] of Object.entries(OBJECTS)) {
    for (const [i, objects] of parts.entries()) {
      const names = [...objects] as string[];
      const labels = names.map((name) => Number(name.startsWith('chair')));
      for (const object of objects) {
        const stem = object.replace('.ply', '');
        const folder = join(base, 'image', stem);
        mkdirSync(folder, { recursive: true });
        for (let view = 0; view <= 8; view++) writeFileSync(join(folder, `${stem.split('/')[1]}.${view}.png`), bitmap(12, 10 * n + view));
        n++;
      }
      change(names, labels, `${split}${i}`);
      await writeHdf5(join(base, 'pt', `ply_data_${split}${i}.h5`), {
        label: { shape: [labels.length, 1], data: Uint8Array.from(labels) },
        data: { shape: [labels.length, 2, 3], data: new Float32Array(6 * labels.length) },
      });
      writeFileSync(join(base, 'pt', `ply_data_${split}_${i}_id2file.json`), JSON.stringify(names));
    }
  }
  return root;
}
const red = (values: Float32Array | Int32Array | undefined, row = 0): number => Math.round((values![row * 192]! * 0.229 + 0.485) * 255);

describe('modelnet40 as a turntable', () => {
  it('reads the lists in their order, and the views in the middle of the arcs', async () => {
    const data = await load(await writeRoot());
    expect(data.classes).toEqual(['airplane', 'chair']);
    expect(data.modalities).toEqual(['front', 'rear'].map((name) => ({ name, kind: 'image', shape: [8, 8, 3], augmented: true })));
    expect([...data.splits.train.labels]).toEqual([0, 1, 1]);
    expect([...data.splits.test.labels]).toEqual([1, 0]);
    const { front, rear } = await data.splits.test.read(Int32Array.from([0, 1]));
    expect([red(front), red(rear), red(front, 1), red(rear, 1)]).toEqual([32, 37, 42, 47]);
    expect(data.notes).toEqual(['2 classes, 3 training and 2 test objects']);
  });

  it('draws a view of the arc in training passes', async () => {
    const { splits } = await load(await writeRoot());
    const seen = { front: new Set<number>(), rear: new Set<number>() };
    for (let pass = 0; pass < 40; pass++) {
      const { front, rear } = await splits.train.read(Int32Array.from([1]), new RandomStream(pass));
      seen.front.add(red(front));
      seen.rear.add(red(rear));
    }
    expect([...seen.front].sort()).toEqual([10, 11, 12, 13, 14]);
    expect([...seen.rear].sort()).toEqual([15, 16, 17, 18]);
  });

  it('may take a view in evaluation that the name of the object decides', async () => {
    const { splits } = await load(await writeRoot(), { still: 'drawn' });
    const rows = Int32Array.from([0, 1, 2]);
    const read = async (): Promise<number[]> => {
      const { rear } = await splits.train.read(rows);
      return [0, 1, 2].map((row) => red(rear, row) % 10);
    };
    const views = await read();
    expect(await read()).toEqual(views);
    expect(views.every((view) => view >= 5 && view <= 8)).toBe(true);
    expect(new Set(views).size).toBeGreaterThan(1);
  });

  it('names an object that lacks a view, or drops and counts it', async () => {
    const root = await writeRoot();
    const lost = join(root, 'modelnet40/image/chair/chair_0002/chair_0002.8.png');
    rmSync(lost);
    const error = await coded(() => load(root));
    expect([error.code, error.problems[0]?.message]).toEqual(['EQM_DATA_MISSING', lost]);
    const data = await load(root, { incomplete: 'drop' });
    expect(data.splits.train.size).toBe(2);
    expect(data.notes).toContain('train: 1 objects dropped: a view is missing');
  });

  it.each<[string, Parameters<typeof writeRoot>[0], string]>([
    ['a label for two classes', (_, labels) => labels.fill(0), 'label 0 stands for "airplane" and for "chair"'],
    ['two labels for a class', (_, labels, part) => void (part === 'train1' && (labels[0] = 2)), 'has two labels'],
    ['a label that no object has', (_, labels) => labels.forEach((label, i) => (labels[i] = 2 * label)), 'no object has label 1'],
    ['lists of other lengths', (names) => void names.push('chair/more.ply'), 'one for each label'],
    ['names that are none', (names) => void (names[0] = 'airplane'), 'expected "<class>/<name>.<ending>"'],
    ['names that lead elsewhere', (names) => void (names[0] = '../secret.ply'), 'is not the name of a file'],
  ])('refuses %s', async (_, change, message) => {
    const error = await coded(async () => load(await writeRoot(change)));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.message).toContain(message);
  });

  it('says what is missing, and which layout may be meant', async () => {
    const root = await writeRoot();
    expect((await coded(() => load(root, { layout: 'views' }))).fix).toContain('layout: turntable');
    renameSync(join(root, 'modelnet40/pt/ply_data_test0.h5'), join(root, 'modelnet40/pt/other.h5'));
    const error = await coded(() => load(root));
    expect([error.code, error.message]).toEqual(['EQM_DATA_MISSING', 'there are no lists of the test split']);
    expect(modelnet40Options.safeParse({ arcs: [[9, 3]] }).success).toBe(false);
  });
});
