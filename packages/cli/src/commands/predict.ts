import { readFileSync } from 'node:fs';
import { loadDataset } from '@equimodal/comparison';
import { EquimodalError, messageOf, type DatasetChoice, type Split } from '@equimodal/core';
import { describeModel, Predictor, type PredictedSamples, type Samples } from '@equimodal/training';
import { Option, type Command } from 'commander';
import { hostWithPlugins } from '../host.js';
import { dataRootOf, withEngineFlags } from '../options.js';
import { columns, print, printJson } from '../output/print.js';
import { startEngine } from '../session.js';

interface PredictFlags {
  readonly input?: string;
  readonly split: 'train' | 'validation' | 'test';
  readonly engine?: string;
  readonly threads?: number;
  readonly dataRoot?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Rows that a person is shown; `--json` has all. */
const SHOWN = 20;

/** `equimodal predict DIR`: what a trained model says of samples. */
export function predictCommand(command: Command): void {
  withEngineFlags(command)
    .option('--input <file>', 'JSON: samples by modality, as nested lists')
    .addOption(
      new Option('--split <name>', "a split of the model's own dataset, without --input")
        .choices(['train', 'validation', 'test'])
        .default('test'),
    )
    .action(predict);
}

async function predict(dir: string, flags: PredictFlags): Promise<void> {
  const description = describeModel(dir);
  const host = await hostWithPlugins(description.experiment);
  const engine = await startEngine(host, flags);
  const predictor = await Predictor.open(dir, { host, engine, dataRoot: dataRootOf(flags) });
  try {
    if (flags.input !== undefined) {
      show(await predictor.predict(readSamples(flags.input)), undefined, flags);
      return;
    }
    const { dataset, experiment } = description;
    const loaded = await loadDataset(
      host,
      { dataset: dataset.options as unknown as DatasetChoice, baseDir: experiment.baseDir },
      dataRootOf(flags),
    );
    const split = loaded.splits[flags.split];
    if (split === undefined)
      throw new EquimodalError('EQM_DATA_SPLIT', `the dataset has no ${flags.split} split of its own`, { where: '--split' });
    show(await predictor.predictSplit(split), split, flags);
  } finally {
    await predictor.dispose();
  }
}

function readSamples(file: string): Samples {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Samples;
  } catch (error) {
    throw new EquimodalError('EQM_DATA_MALFORMED', `the samples cannot be read: ${messageOf(error)}`, { where: file, cause: error });
  }
}

function show({ classes, predicted, probabilities }: PredictedSamples, split: Split | undefined, { json }: PredictFlags): void {
  const rows = [...predicted].map((label, row) => ({
    row,
    class: classes[label]!,
    probabilities: [...probabilities.subarray(row * classes.length, (row + 1) * classes.length)],
    ...(split === undefined ? {} : { label: classes[split.labels[row]!]! }),
  }));
  if (json === true) {
    printJson({ classes, predictions: rows });
    return;
  }
  const cells = rows
    .slice(0, SHOWN)
    .map((each) => [String(each.row), each.class, Math.max(...each.probabilities).toFixed(4), each.label ?? '']);
  print(columns([['row', 'class', 'probability', split === undefined ? '' : 'label'], ...cells]));
  if (rows.length > SHOWN) print(`... and ${rows.length - SHOWN} more (--json prints all)`);
  if (split !== undefined) print(`\n${rows.filter((each) => each.label === each.class).length} of ${rows.length} right`);
}
