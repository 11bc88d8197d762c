import { createHash } from 'node:crypto';
import { checkNames, EquimodalError, pickNames, type BatchArrays, type RowNames, type Split } from '@equimodal/core';

/** Rows of one modality: `data` is [rows, rowSize]; with `index`, row r of the split is row index[r] of `data`, so that splits share arrays. */
export interface ModalityRows {
  readonly data: Float32Array | Int32Array;
  readonly rowSize: number;
  readonly index?: Int32Array;
}

/** A split whose arrays are in memory. Reading is a copy of rows; there is no augmentation. */
export class InMemorySplit implements Split {
  readonly size: number;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  /** @throws EQM_DATA_SPLIT when a modality, the groups or the ids have another number of rows than there are labels. */
  constructor(
    readonly labels: Int32Array,
    readonly modalities: Readonly<Record<string, ModalityRows>>,
    names: RowNames = {},
  ) {
    this.size = labels.length;
    checkNames(names, this.size);
    ({ groups: this.groups, ids: this.ids } = names);
    for (const [name, { data, rowSize, index }] of Object.entries(modalities)) {
      const rows = index?.length ?? data.length / rowSize;
      if (rows !== this.size)
        throw new EquimodalError('EQM_DATA_SPLIT', `modality "${name}" has ${rows} rows, there are ${this.size} labels`);
    }
  }

  /** Arrays [rows.length, rowSize] per modality. */
  read(rows: Int32Array): BatchArrays {
    const batch: Record<string, Float32Array | Int32Array> = {};
    for (const [name, modality] of Object.entries(this.modalities)) batch[name] = gather(modality, rows);
    return batch;
  }

  /** Some rows as a split of their own; the arrays are shared. */
  subset(rows: Int32Array): InMemorySplit {
    const modalities: Record<string, ModalityRows> = {};
    for (const [name, { data, rowSize, index }] of Object.entries(this.modalities)) {
      modalities[name] = {
        data,
        rowSize,
        index: rows.map((row) => (index === undefined ? row : index[row]!)),
      };
    }
    return new InMemorySplit(
      rows.map((row) => this.labels[row]!),
      modalities,
      pickNames(this, rows),
    );
  }
}

function gather({ data, rowSize, index }: ModalityRows, rows: Int32Array): Float32Array | Int32Array {
  const size = rows.length * rowSize;
  const out = data instanceof Int32Array ? new Int32Array(size) : new Float32Array(size);
  for (let i = 0; i < rows.length; i++) {
    const row = index === undefined ? rows[i]! : index[rows[i]!]!;
    out.set(data.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize);
  }
  return out;
}

/** SHA-256 over every split's name, labels, row indices and arrays: the same data give the same 64 hex digits. */
export function fingerprint(splits: Readonly<Record<string, InMemorySplit | undefined>>): string {
  const hash = createHash('sha256');
  const seen = new Map<ArrayBufferView, number>();
  for (const [name, split] of Object.entries(splits)) {
    if (split === undefined) continue;
    hash.update(`split ${name} ${split.size}\n`);
    hash.update(split.labels);
    for (const [modality, { data, rowSize, index }] of Object.entries(split.modalities)) {
      const known = seen.get(data);
      hash.update(`modality ${modality} ${rowSize} ${known ?? 'new'}\n`);
      if (index !== undefined) hash.update(index);
      if (known !== undefined) continue;
      seen.set(data, seen.size);
      hash.update(data);
    }
  }
  return hash.digest('hex');
}
