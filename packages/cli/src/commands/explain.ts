import { writeFileSync } from 'node:fs';
import { EquimodalError } from '@equimodal/core';
import { explanationSheet, renderPng, type ExplanationRow } from '@equimodal/reports';
import { explainRun, type ExplainedRun } from '@equimodal/training';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { count, withEngineFlags, wholeNumbers } from '../options.js';
import { print, printJson } from '../output/print.js';
import { openStoredRun, type StoredRunFlags } from '../stored-run.js';

interface ExplainFlags extends StoredRunFlags {
  readonly modality: string;
  readonly epochs?: readonly (number | null)[];
  readonly rows?: readonly number[];
  readonly split: 'train' | 'validation' | 'test';
  readonly stage?: number;
  readonly about: string;
  readonly readOut: 'fused' | 'own';
  readonly out: string;
  readonly json?: boolean;
}

/** `equimodal explain RUN...`: which places of an image (a video, a spectrogram) speak for a class, by Grad-CAM. */
export function explainCommand(command: Command): void {
  withEngineFlags(command)
    .requiredOption('--modality <name>', 'the modality whose encoder is looked into')
    .option('--epochs <list>', 'epochs that were kept (training.keepEpochs), and selected: 1,7,15,selected', epochsOf)
    .option('--rows <list>', 'rows of the split, as 3,17 (default: the first of each class)', wholeNumbers)
    .addOption(new Option('--split <name>').choices(['train', 'validation', 'test']).default('test'))
    .option('--stage <n>', 'after which stage of the encoder (default: the last)', count)
    .option('--about <class>', 'the class that is explained: true, predicted, or one by its name', 'true')
    .addOption(new Option('--read-out <which>', "the fused prediction or the modality's own").choices(['fused', 'own']).default('fused'))
    .option('--out <png>', 'where the picture goes; the same as .svg beside it', 'explanation.png')
    .action(explain);
}

function epochsOf(value: string): (number | null)[] {
  return value.split(',').map((part) => {
    if (part.trim() === 'selected') return null;
    if (!/^\d+$/.test(part.trim())) throw new InvalidArgumentError('expected epochs separated by commas, as 1,7,15,selected.');
    return Number(part);
  });
}

async function explain(dirs: readonly string[], flags: ExplainFlags): Promise<void> {
  const { modality, rows, split, stage, about, readOut, epochs = [null] } = flags;
  if (!flags.out.endsWith('.png')) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `the picture is a PNG, so its name ends in .png, unlike "${flags.out}"`, {
      where: '--out',
    });
  }
  const explained: { readonly run: string; readonly found: ExplainedRun }[] = [];
  for (const dir of dirs) {
    const run = await openStoredRun(dir, flags);
    const found = await explainRun({
      ...run,
      ...{ modality, split, readOut, epochs },
      about: about === 'true' || about === 'predicted' ? about : { class: about },
      ...(rows === undefined ? {} : { rows }),
      ...(stage === undefined ? {} : { stage }),
    });
    explained.push({ run: `${run.recipe.id}, seed ${run.seed}`, found });
  }
  const [first] = explained;
  const svg = explanationSheet({
    title: `${modality}, ${split} split`,
    modality: first!.found.modality,
    columns: epochs.map((after) => (after === null ? 'selected' : after === 1 ? '1 epoch' : `${after} epochs`)),
    rows: bySample(explained),
  });
  writeFileSync(flags.out, await renderPng(svg));
  writeFileSync(flags.out.replace(/\.png$/, '.svg'), svg);
  if (flags.json === true) printJson({ picture: flags.out, runs: explained.map(({ run, found }) => ({ run, ...plain(found) })) });
  else print(`picture: ${flags.out}`);
}

/** The rows of all runs, those of one sample together. */
function bySample(explained: readonly { readonly run: string; readonly found: ExplainedRun }[]): ExplanationRow[] {
  return explained[0]!.found.rows.flatMap((row, i) =>
    explained.map(({ run, found }): ExplanationRow => {
      const { classes, labels, ids, inputs, epochs } = found;
      return {
        run,
        sample: ids?.[i] ?? `row ${row}`,
        label: classes[labels[i]!]!,
        input: inputs[i]!,
        cells: epochs.map(({ maps, height, width, predicted, explained: about, probability }) => ({
          map: { values: maps[i]!, height, width },
          predicted: classes[predicted[i]!]!,
          explained: classes[about[i]!]!,
          probability: probability[i]!,
        })),
      };
    }),
  );
}

/** Without the inputs; maps as lists. */
function plain({ inputs: _, epochs, modality, ...found }: ExplainedRun): Record<string, unknown> {
  return {
    ...found,
    modality: modality.name,
    epochs: epochs.map(({ maps, ...epoch }) => ({ ...epoch, maps: maps.map((map) => [...map].map((value) => Number(value.toFixed(4)))) })),
  };
}
