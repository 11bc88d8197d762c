import type { LoadedDataset, Split } from '@equimodal/core';
import { attributedBetween } from '../model/attributed.js';

/**
 * Loads a dataset whose errors, in loading and in every read, name it and its plugin.
 *
 * @param who e.g. `dataset "mosi"`
 * @throws EQM_PLUGIN_FAULT for what is thrown without a code; coded errors as they are.
 */
export function loadAttributed(load: () => Promise<LoadedDataset>, who: string, plugin: string | undefined): Promise<LoadedDataset> {
  return attributedBetween(
    who,
    async () => {
      const dataset = await load();
      const { train, validation, test } = dataset.splits;
      const named = (split: Split): Split => attributedSplit(split, who, plugin);
      return {
        ...dataset,
        splits: { train: named(train), ...(validation === undefined ? {} : { validation: named(validation) }), test: named(test) },
      };
    },
    plugin,
  );
}

function attributedSplit(split: Split, who: string, plugin: string | undefined): Split {
  const { size, labels, ids, groups } = split;
  return {
    size,
    labels,
    ...(ids === undefined ? {} : { ids }),
    ...(groups === undefined ? {} : { groups }),
    readsAhead: split.readsAhead === true,
    read: (rows, random, modalities) => attributedBetween(who, () => split.read(rows, random, modalities), plugin),
  };
}
