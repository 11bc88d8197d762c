import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Encoded, Encoder, LoadedDataset, RandomStream, RowNames, Scope, Split, Variables } from '@equimodal/core';
import { NO_VARIABLES } from '@equimodal/nn';

/** Features of a modality that were computed before training. */
export interface FeatureTables {
  readonly featureSize: number;
  /** By split of the dataset, row-major [size, featureSize]. */
  readonly splits: Readonly<Record<string, Float32Array>>;
  /** Features of an input of zeros [featureSize]: what a modality that is absent gives. */
  readonly absent: Float32Array;
}

/** Stands in the place of an encoder whose features are the input already. */
export class PrecomputedEncoder implements Encoder {
  readonly featureSize: number;

  constructor(private readonly tables: FeatureTables) {
    this.featureSize = tables.featureSize;
  }

  init(): Variables {
    return NO_VARIABLES;
  }

  apply(_scope: Scope, input: Tensor): Encoded {
    return { features: tf.clone(input) };
  }

  /** What stands for an absent modality, [featureSize]. */
  get absentRow(): Float32Array {
    return this.tables.absent;
  }

  /** The input that stands for an absent modality, [batch, featureSize]. */
  absent(batch: number): Tensor {
    return tf.tile(tf.tensor2d(this.tables.absent, [1, this.featureSize]), [batch, 1]);
  }
}

/** A split whose arrays are features where there are tables of them. */
class FeatureSplit implements Split {
  readonly size: number;
  readonly labels: Int32Array;
  readonly groups: RowNames['groups'];
  readonly ids: RowNames['ids'];

  /** @param others modalities of the split itself that are still needed. */
  constructor(
    private readonly base: Split,
    private readonly tables: Readonly<Record<string, { readonly values: Float32Array; readonly featureSize: number }>>,
    private readonly others: readonly string[],
  ) {
    this.size = base.size;
    this.labels = base.labels;
    ({ groups: this.groups, ids: this.ids } = base);
  }

  get readsAhead(): boolean {
    return this.base.readsAhead === true;
  }

  async read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): Promise<Record<string, Float32Array | Int32Array>> {
    const others = this.others.filter((name) => modalities?.includes(name) ?? true);
    const read: Record<string, Float32Array | Int32Array> = others.length === 0 ? {} : { ...(await this.base.read(rows, random, others)) };
    for (const [name, { values, featureSize }] of Object.entries(this.tables)) {
      const picked = new Float32Array(rows.length * featureSize);
      rows.forEach((row, i) => picked.set(values.subarray(row * featureSize, (row + 1) * featureSize), i * featureSize));
      read[name] = picked;
    }
    return read;
  }
}

/** The dataset with vectors of features in the place of some modalities. */
export function withFeatures(
  dataset: LoadedDataset,
  tables: Readonly<Record<string, FeatureTables>>,
  used: readonly string[],
): LoadedDataset {
  const others = used.filter((name) => tables[name] === undefined);
  const replaced = (name: string, split: Split): Split => {
    const own = Object.entries(tables).map(([modality, { splits, featureSize }]) => [modality, { values: splits[name]!, featureSize }]);
    return new FeatureSplit(split, Object.fromEntries(own) as FeatureSplit['tables'], others);
  };
  const { train, validation, test } = dataset.splits;
  return {
    ...dataset,
    modalities: dataset.modalities.map((spec) => {
      const table = tables[spec.name];
      return table === undefined ? spec : { name: spec.name, kind: 'vector', shape: [table.featureSize] };
    }),
    splits: {
      train: replaced('train', train),
      ...(validation === undefined ? {} : { validation: replaced('validation', validation) }),
      test: replaced('test', test),
    },
  };
}
