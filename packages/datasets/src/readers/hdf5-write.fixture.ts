import h5wasm from 'h5wasm/node';

/** An array of a file. */
export interface WrittenArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | Int32Array;
}

/** Writes an HDF5 file of arrays; a name may lie in groups: `a/b`. */
export async function writeHdf5(path: string, arrays: Readonly<Record<string, WrittenArray>>): Promise<string> {
  await h5wasm.ready;
  const file = new h5wasm.File(path, 'w');
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const parts = name.split('/');
    parts.slice(0, -1).forEach((_, i) => {
      const group = parts.slice(0, i + 1).join('/');
      if (file.get(group) === null) file.create_group(group);
    });
    file.create_dataset({ name, data, shape: [...shape] });
  }
  file.close();
  return path;
}
