import {
  isTrial,
  knownCosts,
  planOf,
  rowIdOf,
  trialCost,
  type Job,
  type PlannedJob,
  type PoolShape,
  type RowEstimate,
} from '@equimodal/comparison';
import type { CompareFlags } from '../options.js';
import { duration } from '../output/duration.js';
import { columns, note, print, printJson } from '../output/print.js';
import { prepareJobs, type Session } from '../session.js';

/** `compare --dry-run`: the grid, what is there of it, and an estimate. Nothing is written. */
export async function dryRun(session: Session, jobs: readonly Job[], pool: PoolShape, flags: CompareFlags): Promise<number> {
  const { experiment, experimentDir } = session;
  const plan = planOf(experimentDir, jobs);
  const costs = await measured(session, knownCosts(experiment, plan), plan, pool, flags);
  const todo = plan.filter((job) => isToDo(job, flags));
  const costOf = new Map(costs.map(({ recipe, seconds }) => [recipe, seconds ?? 0]));
  const each = todo.map((job) => costOf.get(rowIdOf(experiment, job))!);
  const seconds = Math.max(0, each.reduce((a, b) => a + b, 0) / pool.processes, ...each);
  if (flags.json === true) {
    printJson({
      experiment: experiment.name,
      runs: plan,
      rows: costs,
      processes: pool.processes,
      threads: pool.threads,
      toDo: todo.length,
      seconds,
    });
    return 0;
  }
  print(columns([['row', 'seeds', 'epochs', 'one run', 'there already'], ...costs.map((cost) => rowOf(cost, plan, experiment.seeds))]));
  noteSearch(session, plan);
  print(`\n${todo.length} of ${jobs.length} runs to do, ${pool.processes} at a time: about ${duration(seconds)}`);
  return 0;
}

function noteSearch({ experiment }: Session, plan: readonly PlannedJob[]): void {
  const { sweep } = experiment;
  if (sweep === null) return;
  const trials = plan.filter((job) => isTrial(experiment, job));
  const done = trials.filter(({ state }) => state === 'finished').length;
  print(`\nbefore that a ${sweep.search} search: ${trials.length} runs, ${done} of them there already`);
  for (const { recipe, space, trials: points } of sweep.rows)
    print(`  ${recipe}: ${points.length} trials of ${Object.keys(space).join(', ') || 'nothing'}`);
}

/** Whether the same call without --dry-run would train it, all or the rest. */
function isToDo({ state }: PlannedJob, { resume, retryFailed }: CompareFlags): boolean {
  if (state === 'finished') return resume !== true && retryFailed !== true;
  return state !== 'failed' || resume !== true || retryFailed === true;
}

/** A few steps of every row that no finished run tells of. */
async function measured(
  session: Session,
  costs: readonly RowEstimate[],
  plan: readonly PlannedJob[],
  { threads }: PoolShape,
  flags: CompareFlags,
): Promise<RowEstimate[]> {
  const unknown = costs.filter(({ seconds }) => seconds === null);
  if (unknown.length === 0) return [...costs];
  note(`no finished run tells of ${unknown.length === 1 ? 'one row' : `${unknown.length} rows`}: measuring a few steps`);
  const setting = await prepareJobs(session, { ...flags, threads });
  const out: RowEstimate[] = [];
  for (const cost of costs) {
    const job = plan.find(({ recipe }) => recipe === cost.recipe);
    if (cost.seconds !== null || job === undefined) out.push(cost);
    else out.push({ ...cost, seconds: await trialCost(setting, job), from: 'steps' });
  }
  return out;
}

function rowOf({ recipe, epochs, seconds, from }: RowEstimate, plan: readonly PlannedJob[], seeds: readonly number[]): string[] {
  const there = plan.filter((job) => job.recipe === recipe);
  const counts = (['finished', 'unfinished', 'failed'] as const).flatMap((state) => {
    const count = there.filter((job) => job.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const cost = seconds === null ? '-' : `${duration(seconds)}${from === 'steps' ? ' (by a few steps)' : ''}`;
  return [recipe, seeds.join(', '), String(epochs), cost, counts.join(', ') || '-'];
}
