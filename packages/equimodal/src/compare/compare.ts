import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '@equimodal/cli';
import {
  collectResults,
  inProcess,
  JobError,
  jobsOf,
  runGrid,
  type ComparisonResults,
  type GridEvent,
  type Job,
} from '@equimodal/comparison';
import { EquimodalError, type RunControls, type Signals } from '@equimodal/core';
import { writeReport } from '@equimodal/reports';
import { openExperiment, type ExperimentInput, type OpenExperiment, type OpenOptions } from '../open/open.js';

export interface CompareOptions extends OpenOptions {
  /** Where run folders and the report go. Default: a temporary folder, removed at the end, and no report. */
  readonly out?: string;
  /** Reuse finished runs of the folder and continue unfinished ones. */
  readonly resume?: boolean;
  readonly abort?: AbortSignal;
  /** Told what happens: which run started, how far it is, how it ended. */
  readonly onEvent?: (event: GridEvent) => void;
  /** Called before each run starts. */
  readonly attach?: (job: Job, signals: Signals, controls: RunControls) => void;
}

/**
 * Trains every row of an experiment with every seed, one run after another in this process, and collects the table.
 * The command `equimodal compare` does the same in several processes.
 *
 * A run that fails does not stop the others: it is in `failures` of the results.
 *
 * @throws EquimodalError EQM_CONFIG_* before any data is read, EQM_RUN_MISSING if no run finished; the error of the first run if it concerns all.
 * @example
 * const { rows } = await compare({ dataset: 'synthetic-av', encoders: { default: 'mlp' }, recipes: ['concat', 'lfm-h'], seeds: [0, 1, 2] });
 * for (const { recipe, metrics } of rows) console.log(recipe, metrics.accuracy.mean);
 */
export async function compare(input: ExperimentInput, options: CompareOptions = {}): Promise<ComparisonResults> {
  const opened = await openExperiment(input, options);
  const out = options.out ?? mkdtempSync(join(tmpdir(), 'equimodal-'));
  try {
    return await runAll(opened, join(out, opened.experiment.name), options);
  } finally {
    if (options.out === undefined) rmSync(out, { recursive: true, force: true });
  }
}

async function runAll(opened: OpenExperiment, experimentDir: string, options: CompareOptions): Promise<ComparisonResults> {
  const { host, experiment } = opened;
  const { out, resume = false, abort, onEvent = () => undefined, attach } = options;
  const started = performance.now();
  const executor = inProcess({
    ...opened,
    experimentDir,
    version: VERSION,
    resume,
    ...(attach === undefined ? {} : { attach }),
  });
  try {
    const { failures } = await runGrid(jobsOf(experiment), executor, onEvent, abort === undefined ? {} : { abort });
    const wallSeconds = (performance.now() - started) / 1000;
    const results = collectResults({ host, experiment, experimentDir, version: VERSION, wallSeconds, failures });
    if (out !== undefined) await writeReport(results, join(experimentDir, 'report'), {});
    return results;
  } catch (error) {
    throw error instanceof JobError ? new EquimodalError(error.failure.code as EquimodalError['code'], error.message) : error;
  } finally {
    await executor.dispose();
  }
}
