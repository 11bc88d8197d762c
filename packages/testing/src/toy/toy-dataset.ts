import { RandomStream, type LoadedDataset, type ModalitySpec, type Split } from '@equimodal/core';

/**
 * A small separable problem for any modalities, the same for the same arguments: class means plus noise; tokens are one of
 * three ids that belong to the class.
 */
export function toyDataset(
  modalities: readonly ModalitySpec[],
  options: { readonly classes?: number; readonly size?: number; readonly noise?: number } = {},
): LoadedDataset {
  const { classes = 3, size = 48, noise = 0.3 } = options;
  const random = new RandomStream(17, 'toy');
  const means = new Map(
    modalities.map(({ name, shape }) => [name, Array.from({ length: classes }, (_, c) => pattern(shape, random.at(name).at(c)))]),
  );
  const split = (which: string, rows: number): Split => {
    const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
    const arrays = Object.fromEntries(
      modalities.map(({ name, kind, shape }) => {
        const width = shape.reduce((a, b) => a * b, 1);
        const draw = random.at(which).at(name);
        const value = (label: number, i: number): number =>
          kind === 'tokens' ? 1 + 3 * label + Math.floor(3 * draw.uniform()) : means.get(name)![label]![i]! + noise * draw.normal();
        const values = Float32Array.from({ length: rows * width }, (_, i) => value(labels[Math.floor(i / width)]!, i % width));
        return [name, { values, width }];
      }),
    );
    return {
      size: rows,
      labels,
      read: (wanted) =>
        Object.fromEntries(
          Object.entries(arrays).map(([name, { values, width }]) => {
            const out = new Float32Array(wanted.length * width);
            wanted.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width));
            return [name, out];
          }),
        ),
    };
  };
  return {
    classes: Array.from({ length: classes }, (_, c) => `class ${c}`),
    modalities,
    splits: { train: split('train', size), validation: split('validation', size), test: split('test', size) },
    fingerprint: `toy-${classes}-${size}-${noise}`,
  };
}

function pattern(shape: readonly number[], random: RandomStream): Float32Array {
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
}
