import { basename } from 'node:path';
import { z } from 'zod';
import { EquimodalError } from '../errors/errors.js';
import type { Host } from '../plugin/host.js';
import { loadPlugin } from '../plugin/load.js';
import type { DatasetChoice } from './dataset.js';
import { Problems } from './problems.js';
import { useSchema } from './schema.js';
import type { ConfigSource } from './source.js';
import { chooseIn } from './use.js';

/** A checked choice of a dataset, and the folder that relative paths in its options count from. */
export interface ChosenDataset {
  readonly dataset: DatasetChoice;
  readonly baseDir: string;
}

const datasetOnly = z.looseObject({ plugins: z.array(z.string()).default([]), dataset: useSchema });

/**
 * Checks the dataset of an experiment alone, and loads the plugins it names: for looking at data before anything else is decided.
 *
 * @throws EquimodalError with one problem per mistake: file, line, path and what to do.
 */
export async function resolveDataset(host: Host, source: ConfigSource): Promise<ChosenDataset> {
  const problems = new Problems(source);
  const name = source.file === undefined ? 'the dataset' : basename(source.file);
  const input = problems.parse(datasetOnly, source.value, []);
  problems.throwIfAny(name);
  for (const [i, plugin] of (input?.plugins ?? []).entries()) {
    host.add(await loadPlugin(plugin, source.baseDir), source.locate(['plugins', i]));
  }
  const dataset = input === undefined ? undefined : chooseIn(host, problems, 'dataset', input.dataset, ['dataset']);
  problems.throwIfAny(name);
  if (dataset === undefined) throw new EquimodalError('EQM_INTERNAL', 'a schema refused a config without an issue');
  return { dataset, baseDir: source.baseDir };
}
