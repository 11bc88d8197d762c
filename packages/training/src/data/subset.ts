import { pickNames, type BatchArrays, type RandomStream, type RowNames, type Split } from '@equimodal/core';

/** Some rows of a split, as a split of its own. */
export class Subset implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  constructor(
    private readonly base: Split,
    private readonly rows: Int32Array,
  ) {
    this.size = rows.length;
    this.labels = rows.map((row) => base.labels[row]!);
    ({ groups: this.groups, ids: this.ids } = pickNames(base, rows));
  }

  get readsAhead(): boolean {
    return this.base.readsAhead === true;
  }

  read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): ReturnType<Split['read']> {
    return this.base.read(
      rows.map((row) => this.rows[row]!),
      random,
      modalities,
    );
  }
}

/** Parts a split into the chosen rows and the others, both in order. */
export function partRows(split: Split, chosen: ReadonlySet<number>): { readonly rest: Subset; readonly chosen: Subset } {
  const rows = split.labels.map((_, row) => row);
  const subset = (wanted: boolean) =>
    new Subset(
      split,
      rows.filter((row) => chosen.has(row) === wanted),
    );
  return { rest: subset(false), chosen: subset(true) };
}

/** The rows of several splits, one behind the other. It has groups and ids where all of them do. */
export class PooledSplit implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  constructor(private readonly parts: readonly Split[]) {
    this.labels = Int32Array.from(parts.flatMap(({ labels }) => [...labels]));
    this.size = this.labels.length;
    this.groups = parts.every(({ groups }) => groups !== undefined) ? parts.flatMap(({ groups }) => groups!) : undefined;
    this.ids = parts.every(({ ids }) => ids !== undefined) ? parts.flatMap(({ ids }) => ids!) : undefined;
  }

  get readsAhead(): boolean {
    return this.parts.some(({ readsAhead }) => readsAhead === true);
  }

  async read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): Promise<BatchArrays> {
    const out: Record<string, Float32Array | Int32Array> = {};
    let start = 0;
    for (const [i, part] of this.parts.entries()) {
      const end = start + part.size;
      const places = [...rows.keys()].filter((place) => rows[place]! >= start && rows[place]! < end);
      if (places.length > 0) {
        const arrays = await part.read(
          Int32Array.from(places, (place) => rows[place]! - start),
          random?.at(i),
          modalities,
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
