import { relative } from 'node:path';
import { filterRuns, listRuns, type RunRecord } from '@equimodal/comparison';
import type { Command } from 'commander';
import { names, seeds, withOutputFlags } from '../options.js';
import { duration } from '../output/duration.js';
import { columns, print, printJson } from '../output/print.js';

interface RunsFlags {
  readonly experiments?: readonly string[];
  readonly recipes?: readonly string[];
  readonly datasets?: readonly string[];
  readonly seeds?: readonly number[];
  readonly status?: readonly string[];
  readonly json?: boolean;
}

/** `equimodal runs DIR`: what is in run folders. */
export function runsCommand(command: Command): void {
  withOutputFlags(command)
    .option('--recipes <list>', 'rows or recipes, separated by commas', names)
    .option('--datasets <list>', 'data sets, separated by commas', names)
    .option('--experiments <list>', 'experiments, separated by commas', names)
    .option('--seeds <list>', 'seeds, as 0,1,2 or 0..4', seeds)
    .option('--status <list>', 'completed, stopped, running, interrupted, failed, unreadable', names)
    .action((dir: string | undefined, flags: RunsFlags) => {
      const all = listRuns(dir ?? 'runs');
      const { experiments, recipes, datasets, seeds: wanted, status } = flags;
      const found = filterRuns(all, { experiments, recipes, datasets, seeds: wanted, statuses: status });
      if (flags.json === true) printJson(found.map(({ manifest: _, ...run }) => run));
      else print(found.length === 0 ? `no run of ${all.length} matches` : format(found));
    });
}

function format(runs: readonly RunRecord[]): string {
  const rows = runs.map((run) => [
    run.experiment,
    run.dataset,
    run.recipe,
    String(run.seed),
    run.status,
    run.accuracy === null ? '' : (100 * run.accuracy).toFixed(1),
    run.seconds === null ? '' : duration(run.seconds),
    run.status === 'failed' || run.status === 'unreadable' ? (run.reason ?? '') : relative('.', run.dir),
  ]);
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  const total = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  return `${columns([['experiment', 'dataset', 'recipe', 'seed', 'status', 'accuracy', 'time', 'folder or reason'], ...rows])}\n\n${total}`;
}
