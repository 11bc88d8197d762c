import type { BatchArrays, RandomStream, Split } from '@equimodal/core';

/** Some rows of a split, as a split of its own. */
export class Subset implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups?: readonly string[];
  readonly ids?: readonly string[];

  constructor(
    private readonly base: Split,
    private readonly rows: Int32Array,
  ) {
    this.size = rows.length;
    this.labels = rows.map((row) => base.labels[row]!);
    const { groups, ids } = base;
    if (groups !== undefined) this.groups = Array.from(rows, (row) => groups[row]!);
    if (ids !== undefined) this.ids = Array.from(rows, (row) => ids[row]!);
  }

  read(rows: Int32Array, random?: RandomStream): ReturnType<Split['read']> {
    return this.base.read(
      rows.map((row) => this.rows[row]!),
      random,
    );
  }
}

/** The rows of several splits, one behind the other. It has groups and ids where all of them do. */
export class PooledSplit implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups?: readonly string[];
  readonly ids?: readonly string[];

  constructor(private readonly parts: readonly Split[]) {
    this.labels = Int32Array.from(parts.flatMap(({ labels }) => [...labels]));
    this.size = this.labels.length;
    if (parts.every(({ groups }) => groups !== undefined)) this.groups = parts.flatMap(({ groups }) => groups!);
    if (parts.every(({ ids }) => ids !== undefined)) this.ids = parts.flatMap(({ ids }) => ids!);
  }

  async read(rows: Int32Array, random?: RandomStream): Promise<BatchArrays> {
    const out: Record<string, Float32Array | Int32Array> = {};
    let start = 0;
    for (const [i, part] of this.parts.entries()) {
      const end = start + part.size;
      const places = [...rows.keys()].filter((place) => rows[place]! >= start && rows[place]! < end);
      if (places.length > 0) {
        const arrays = await part.read(
          Int32Array.from(places, (place) => rows[place]! - start),
          random?.at(i),
        );
        for (const [name, values] of Object.entries(arrays)) {
          const size = values.length / places.length;
          const all = (out[name] ??=
            values instanceof Int32Array ? new Int32Array(rows.length * size) : new Float32Array(rows.length * size));
          places.forEach((place, at) => all.set(values.subarray(at * size, (at + 1) * size), place * size));
        }
      }
      start = end;
    }
    return out;
  }
}
