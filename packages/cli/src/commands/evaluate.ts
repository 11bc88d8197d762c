import { evaluateRun } from '@equimodal/training';
import type { Command } from 'commander';
import { names, wholeNumber, withEngineFlags } from '../options.js';
import { print, printJson } from '../output/print.js';
import { openStoredRun, type StoredRunFlags } from '../stored-run.js';
import { formatMetrics } from './train.js';

interface EvaluateFlags extends StoredRunFlags {
  readonly without?: readonly string[];
  readonly epoch?: number;
  readonly json?: boolean;
}

/** `equimodal evaluate RUN_DIR`: scores a run's selected parameters again. */
export function evaluateCommand(command: Command): void {
  withEngineFlags(command)
    .option('--without <modalities>', 'missing modalities, separated by commas: score what the others say together', names)
    .option('--epoch <n>', 'score the parameters kept after n epochs (training.keepEpochs; 0 is before the first step)', wholeNumber)
    .action(async (dir: string, flags: EvaluateFlags) => {
      const run = await openStoredRun(dir, flags);
      const { without = [], epoch } = flags;
      const result = await evaluateRun({ ...run, without, ...(epoch === undefined ? {} : { epochs: epoch }) });
      if (flags.json === true) {
        printJson(result);
        return;
      }
      const after = epoch === undefined ? '' : `, after ${epoch} epochs`;
      const missing = without.length === 0 ? '' : `, without ${without.join(', ')}`;
      print(`${run.recipe.id}, seed ${run.seed}${after}${missing}\n${formatMetrics(result)}`);
    });
}
