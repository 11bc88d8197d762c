import { asChosen, EquimodalError, RandomStream, type DataProgress, type Experiment, type Host, type LoadedDataset } from '@equimodal/core';

/** Loads the dataset of an experiment. Its random streams depend on the dataset's options only, never on a run's seed. */
export async function loadDataset(
  host: Host,
  experiment: Pick<Experiment, 'dataset' | 'baseDir'>,
  dataRoot: string | undefined,
  onProgress?: (progress: DataProgress) => void,
): Promise<LoadedDataset> {
  const { dataset, baseDir } = experiment;
  const seed = typeof dataset['seed'] === 'number' ? dataset['seed'] : 0;
  const instance = host.create('dataset', asChosen(dataset), {
    dataRoot,
    requireDataRoot() {
      if (dataRoot !== undefined) return dataRoot;
      throw new EquimodalError('EQM_DATA_ROOT', `dataset "${dataset.use}" reads files, and no folder was given`, {
        where: `dataset "${dataset.use}"`,
      });
    },
    baseDir,
    random: new RandomStream(seed, `dataset/${dataset.use}`),
    onProgress,
  });
  return instance.load();
}
