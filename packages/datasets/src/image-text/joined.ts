import { EquimodalError, type BatchArrays, type RandomStream, type RowNames, type Split } from '@equimodal/core';
import type { InMemorySplit } from '../split/in-memory.js';

/** Rows some of whose modalities are in memory and the others in files. */
export class JoinedSplit implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  /** @throws EQM_DATA_SPLIT when the two have unequal rows. */
  constructor(
    private readonly memory: InMemorySplit,
    private readonly files: Split,
    names: RowNames = memory,
  ) {
    if (memory.size !== files.size)
      throw new EquimodalError('EQM_DATA_SPLIT', `${memory.size} rows are in memory and ${files.size} in files`);
    this.size = memory.size;
    this.labels = memory.labels;
    ({ groups: this.groups, ids: this.ids } = names);
  }

  async read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): Promise<BatchArrays> {
    const kept = Object.keys(this.memory.modalities);
    const others = modalities?.filter((name) => !kept.includes(name));
    const inMemory = Object.entries(this.memory.read(rows)).filter(([name]) => modalities?.includes(name) ?? true);
    return { ...Object.fromEntries(inMemory), ...(others?.length === 0 ? {} : await this.files.read(rows, random, others)) };
  }
}
