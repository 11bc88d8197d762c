/** A split of random rows in memory. */
import { RandomStream } from '@equimodal/core';
import { InMemorySplit } from '@equimodal/datasets';
import { BATCHES_IN_MEMORY, STEPS_PER_EPOCH } from '../workloads.mjs';

/**
 * The training split of a workload: `STEPS_PER_EPOCH` batches long, but only `BATCHES_IN_MEMORY` batches of rows exist
 * and are read again and again. Every read copies its rows out of the arrays, as any dataset in memory does.
 */
export function randomSplit({ modalities, batch, classes, encoder }, gate) {
  const rows = batch * BATCHES_IN_MEMORY;
  const random = new RandomStream(0, 'bench');
  const arrays = Object.fromEntries(
    modalities.map(({ name, kind, shape }) => {
      const rowSize = shape.reduce((product, size) => product * size, 1);
      const source = random.at(name);
      const length = rows * rowSize;
      // Of tokens 0 is padding.
      const data =
        kind === 'tokens'
          ? Int32Array.from({ length }, () => 1 + Math.floor(source.uniform() * (encoder.vocabulary - 1)))
          : Float32Array.from({ length }, () => source.uniform());
      return [name, { rowSize, data }];
    }),
  );
  const labelOf = (row) => (row % rows) % classes;
  const memory = new InMemorySplit(
    Int32Array.from({ length: rows }, (_, row) => labelOf(row)),
    arrays,
  );
  const size = batch * STEPS_PER_EPOCH;
  const copy = (wanted) => memory.read(wanted.map((row) => row % rows));
  return {
    size,
    labels: Int32Array.from({ length: size }, (_, row) => labelOf(row)),
    read: (wanted) => gate()?.then(() => copy(wanted)) ?? copy(wanted),
  };
}
