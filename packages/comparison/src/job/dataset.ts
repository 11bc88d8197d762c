import {
  datasetChosen,
  EquimodalError,
  RandomStream,
  type ChosenDataset,
  type DataProgress,
  type Host,
  type LoadedDataset,
} from '@equimodal/core';
import { applyProtocol, loadAttributed } from '@equimodal/training';

/** Loads the dataset of an experiment, whose errors name it, and parts its rows as its protocol says. Its random streams depend on the dataset's options only, never on a run's seed. */
export async function loadDataset(
  host: Host,
  { dataset, baseDir }: ChosenDataset,
  dataRoot: string | undefined,
  onProgress?: (progress: DataProgress) => void,
): Promise<LoadedDataset> {
  const who = `dataset "${dataset.use}"`;
  const seed = typeof dataset['seed'] === 'number' ? dataset['seed'] : 0;
  const instance = host.create('dataset', datasetChosen(dataset), {
    dataRoot,
    requireDataRoot() {
      if (dataRoot !== undefined) return dataRoot;
      throw new EquimodalError('EQM_DATA_ROOT', `${who} reads files, and no folder was given`, { where: who });
    },
    baseDir,
    random: new RandomStream(seed, `dataset/${dataset.use}`),
    onProgress,
  });
  const loaded = await loadAttributed(() => instance.load(), who, host.pluginOf('dataset', dataset.use));
  return applyProtocol(loaded, dataset.protocol);
}
