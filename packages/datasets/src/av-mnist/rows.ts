import { defineLoader, type MediaSource } from '../media/loader.js';
import { NpyFile } from '../readers/npy.js';
import { FileSource } from '../readers/source.js';

/** Where a row is. */
export interface RowSource extends MediaSource {
  readonly row: number;
}

/** One row of a `.npy` file, every number divided by `divisor`; only that row is read. */
export const npyRowLoader = defineLoader<{ readonly divisor: number }, RowSource>({
  name: 'npyRowLoader',
  module: import.meta.url,
  version: 1,
  augments: () => false,
  caches: () => false,
  create: ({ divisor }) => {
    const open = new Map<string, NpyFile>();
    return {
      read({ files, row }) {
        const path = files[0]!;
        const file = open.get(path) ?? new NpyFile(new FileSource(path));
        open.set(path, file);
        return Float32Array.from(file.row(row), (value) => value / divisor);
      },
    };
  },
});
