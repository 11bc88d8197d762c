import { runJob, type JobOutcome } from '@equimodal/comparison';
import { readJson, type RunMetrics } from '@equimodal/training';
import type { Command } from 'commander';
import { join } from 'node:path';
import { onInterrupt } from '../interrupt.js';
import { withExperimentFlags, type CommonFlags } from '../options.js';
import { columns, note, print, printJson } from '../output/print.js';
import { openSession, prepareJobs } from '../session.js';

/** `equimodal train FILE`: one row with one seed, unless more are named. */
export function trainCommand(command: Command): void {
  withExperimentFlags(command).action(async (file: string, flags: CommonFlags) => {
    process.exitCode = await trainRuns(file, flags);
  });
}

async function trainRuns(file: string, flags: CommonFlags): Promise<number> {
  const session = await openSession(file, flags);
  const { experiment } = session;
  const rows = flags.recipes === undefined ? experiment.recipes.slice(0, 1) : experiment.recipes;
  const seeds = flags.seeds ?? experiment.seeds.slice(0, 1);
  if (flags.recipes === undefined && experiment.recipes.length > 1) {
    note(`the file has ${experiment.recipes.length} rows; training "${rows[0]!.id}" (choose with --recipes)`);
  }
  if (experiment.sweep !== null) note('the file has a sweep, which "compare" runs; training the row as it is written');
  // The live line is there whatever the file lists.
  const observers = experiment.observers.some(({ use }) => use === 'progress')
    ? experiment.observers
    : [...experiment.observers, { use: 'progress' }];
  const interrupt = onInterrupt();
  const setting = { ...(await prepareJobs({ ...session, experiment: { ...experiment, observers } }, flags)), abort: interrupt.signal };
  note(`engine ${setting.engine.id}`);
  const outcomes: JobOutcome[] = [];
  for (const seed of seeds) {
    for (const { id } of rows) {
      const outcome = await runJob(setting, { recipe: id, seed });
      outcomes.push(outcome);
      if (outcome.status === 'interrupted') {
        note(`interrupted; a checkpoint is kept in ${outcome.dir}; go on with --resume`);
        return 130;
      }
    }
  }
  interrupt.release();
  const finished = outcomes.map((outcome) => ({ ...outcome, metrics: readMetrics(outcome.dir) }));
  if (flags.json === true) printJson(finished.map(({ job, dir, status, seconds, metrics }) => ({ ...job, dir, status, seconds, metrics })));
  else
    for (const { job, dir, metrics } of finished) print(`\n${job.recipe}, seed ${job.seed}\n${formatMetrics(metrics)}\nrun folder: ${dir}`);
  return 0;
}

function readMetrics(dir: string): RunMetrics {
  return readJson(join(dir, 'metrics.json'), 'EQM_RUN_MISSING') as unknown as RunMetrics;
}

/** Validation and test figures as a small table. */
export function formatMetrics(metrics: RunMetrics): string {
  const { validation, test } = metrics;
  const names = Object.entries(test).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
  const rows = [['', 'validation', 'test'], ...names.map((name) => [name, figure(validation?.[name]), figure(test[name])])];
  for (const [modality, own] of Object.entries(test.perModality)) {
    for (const [name, value] of Object.entries(own))
      rows.push([`${name} of ${modality}`, figure(validation?.perModality[modality]?.[name]), figure(value)]);
  }
  return `${columns(rows)}\nepoch ${metrics.selectedEpoch + 1} of ${metrics.epochs}, selection: ${metrics.selection}`;
}

function figure(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(4) : '-';
}
