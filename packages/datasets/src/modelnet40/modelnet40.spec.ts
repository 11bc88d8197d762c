import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, temporaryFolder } from '../data-root.fixture.js';
import { bitmap } from '../readers/encode.fixture.js';
import { modelnet40, modelnet40Options } from './modelnet40.js';

const load = (options: object, root?: string): Promise<LoadedDataset> =>
  modelnet40
    .create(modelnet40Options.parse({ workers: 0, size: 8, ...options }), contextOf(root), { resolve: () => expect.unreachable() })
    .load();
const row = Int32Array.from([0]);

/** What torch.save writes of bytes [views, size, size, 3]; every byte of a view is 20 times its number. */
function saved(views: number, size: number): Uint8Array {
  const length = size * size * 3;
  const count = views * length;
  const pickle = `ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\nByteStorage\nS'0'\nS'cpu'\nI${count}\ntQI0\n(I${views}\nI${size}\nI${size}\nI3\nt(I${length}\nI${size * 3}\nI3\nI1\ntI00\nNtR.`;
  return zipSync(
    { 'a/data.pkl': strToU8(pickle), 'a/data/0': Uint8Array.from({ length: count }, (_, i) => 20 * Math.floor(i / length)) },
    { level: 0 },
  );
}

function writeRoot(kind: 'images' | 'arrays'): string {
  const root = temporaryFolder();
  for (const [c, name] of ['chair', 'airplane'].entries()) {
    for (const [split, count] of [
      ['train', 5],
      ['test', 1],
    ] as const) {
      const folder = join(root, 'modelnet40', name, split);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < count; i++) {
        if (kind === 'arrays') writeFileSync(join(folder, `${name}_${i}.obj.npy`), saved(12, 8));
        else
          for (let view = 1; view <= 12; view++)
            writeFileSync(join(folder, `${name}_${i}.obj.shaded_v${String(view).padStart(3, '0')}.bmp`), bitmap(8, 100 * c + view));
      }
    }
  }
  return root;
}
/** Red of the first pixel. */
const red = (values: Float32Array | Int32Array | undefined): number => Math.round((values![0]! * 0.229 + 0.485) * 255);

describe('modelnet40', () => {
  it('reads views 0 and 6 of images, by class and name', async () => {
    const data = await load({}, writeRoot('images'));
    expect(data.classes).toEqual(['airplane', 'chair']);
    expect(data.modalities).toEqual(['front', 'rear'].map((name) => ({ name, kind: 'image', shape: [8, 8, 3], augmented: true })));
    expect([...data.splits.train.labels]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const { front, rear } = await data.splits.test.read(row);
    expect([red(front), red(rear)]).toEqual([101, 107]);
    expect(data.notes).toEqual(['2 classes, 10 training and 2 test objects']);
  });

  it('reads converted arrays, and carves validation by class', async () => {
    const data = await load({ views: [1, 2, 3], validation: 0.2, flip: false }, writeRoot('arrays'));
    expect(data.modalities.map(({ name }) => name)).toEqual(['view1', 'view2', 'view3']);
    expect([data.splits.train.size, data.splits.validation?.size]).toEqual([8, 2]);
    const { view3 } = await data.splits.train.read(row, new RandomStream(1));
    expect(red(view3)).toBe(60);
  });

  it('says which object lacks a view, or counts the dropped ones', async () => {
    const root = writeRoot('images');
    for (let view = 7; view <= 12; view++)
      rmSync(join(root, `modelnet40/chair/train/chair_2.obj.shaded_v${String(view).padStart(3, '0')}.bmp`));
    const error = await coded(() => load({}, root));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('chair_2.obj');
    const data = await load({ incomplete: 'drop' }, root);
    expect(data.splits.train.size).toBe(9);
    expect(data.notes).toContain('train: 1 objects dropped: a view is missing');
  });

  it('names what is missing or of another kind', async () => {
    expect((await coded(() => load({}, temporaryFolder()))).code).toBe('EQM_DATA_MISSING');
    const data = await load({ views: [12] }, writeRoot('arrays'));
    expect((await coded(() => data.splits.test.read(row))).message).toContain('view 12');
    const mixed = writeRoot('images');
    writeFileSync(join(mixed, 'modelnet40/chair/test/a.obj.npy'), saved(12, 8));
    expect((await coded(() => load({}, mixed))).message).toContain('converted arrays');
  });
});
