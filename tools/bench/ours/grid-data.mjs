/** The data of a grid, from the folder that both sides read: a plugin with one dataset. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION, definePiece, definePlugin } from '@equimodal/core';
import { InMemorySplit } from '@equimodal/datasets';
import { z } from 'zod';

const bytesOf = (folder, name) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
  return buffer.slice(byteOffset, byteOffset + byteLength);
};

function readSplit(folder, name, modalities) {
  const arrays = modalities.map(({ name: modality, shape }) => [
    modality,
    { data: new Float32Array(bytesOf(folder, `${name}-${modality}.f32`)), rowSize: shape.reduce((a, b) => a * b, 1) },
  ]);
  return new InMemorySplit(new Int32Array(bytesOf(folder, `${name}-labels.i32`)), Object.fromEntries(arrays));
}

const gridData = definePiece({
  kind: 'dataset',
  id: 'grid-data',
  description: 'arrays that the benchmark wrote',
  facts: {},
  options: z.strictObject({ folder: z.string() }),
  create({ folder }) {
    const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
    const { modalities, classes, fingerprint } = meta;
    return {
      modalities,
      load: () => ({
        classes,
        modalities,
        splits: Object.fromEntries(Object.keys(meta.sizes).map((name) => [name, readSplit(folder, name, modalities)])),
        fingerprint,
      }),
    };
  },
});

export default definePlugin({ name: 'bench-grid', contractVersion: CONTRACT_VERSION, provides: [gridData] });
