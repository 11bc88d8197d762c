import { readStoredArray } from '../media/arrays/arrays.js';
import { defineLoader, type MediaSource } from '../media/loader.js';
import { malformed } from '../readers/bytes.js';

/** One stored array a row. */
export const vectorLoader = defineLoader<{ readonly size: number }>({
  name: 'vectorLoader',
  module: import.meta.url,
  version: 1,
  augments: () => false,
  caches: () => false,
  create: ({ size }) => ({
    read({ files }) {
      const { shape, data } = readStoredArray(files[0]!);
      if (data.length !== size) throw malformed(files[0]!, '', `expected ${size} numbers, the shape is [${shape.join(', ')}]`);
      const row = Float32Array.from(data);
      if (row.some((value) => !Number.isFinite(value))) throw malformed(files[0]!, '', 'a value is not a finite number');
      return row;
    },
  }),
});

/** Token ids of a row, which stand in its source. */
export interface TokenSource extends MediaSource {
  readonly ids: readonly number[];
}

export const tokensLoader = defineLoader<{ readonly length: number }, TokenSource>({
  name: 'tokensLoader',
  module: import.meta.url,
  version: 1,
  augments: () => false,
  caches: () => false,
  create: () => ({ read: ({ ids }) => Int32Array.from(ids) }),
});
