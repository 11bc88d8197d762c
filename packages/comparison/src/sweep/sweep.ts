import { EquimodalError, type Experiment, type Sweep, type Trial } from '@equimodal/core';
import { readJson, type RunMetrics } from '@equimodal/training';
import { folderOf, type Job } from '../job/job.js';
import { manifestOf, stateOf } from '../job/state.js';
import type { SweepResults, SweepRow } from '../results/sweep.js';

/** Runs of a sweep: trial by trial, so that at any time every row was tried as often as the others. */
export function searchJobs({ rows, seeds }: Sweep): Job[] {
  const most = Math.max(0, ...rows.map(({ trials }) => trials.length));
  return Array.from({ length: most }, (_, i) =>
    seeds.flatMap((seed) => rows.flatMap(({ trials }) => (trials[i] === undefined ? [] : [{ recipe: trials[i].config.id, seed }]))),
  ).flat();
}

/**
 * Reads the runs of a sweep back and chooses every row's trial on validation: the best mean over the seeds, of equals the earlier
 * one. A trial with a run that failed by its own doing (diverged, say) cannot win; it has used its part of the budget.
 *
 * @throws EQM_SWEEP_INCOMPLETE while a run of it is not there, EQM_DATA_SPLIT where runs have no such validation figure.
 */
export function sweepResults(sweep: Sweep, experimentDir: string): SweepResults {
  const { search, seed, seeds, metric, goal, equalBudget } = sweep;
  const rows = sweep.rows.map(({ recipe, space, trials }): SweepRow => {
    const tried = trials.map((trial) => ({ point: trial.point, ...valueOf(sweep, experimentDir, trial) }));
    return { recipe, space, trials: tried, chosen: bestOf(tried, goal) };
  });
  return { search, seed, seeds, metric, goal, equalBudget, rows };
}

/** Jobs of the comparison proper: every row with the settings that were chosen for it. A row without any is left out. */
export function chosenJobs(jobs: readonly Job[], { rows }: SweepResults): Job[] {
  const chosen = new Map(rows.map((row) => [row.recipe, row.chosen]));
  return jobs.flatMap((job) => {
    const trial = chosen.get(job.recipe);
    return trial === null || trial === undefined ? [] : [{ ...job, trial }];
  });
}

/** The experiment with the chosen settings in its rows. */
export function chosenExperiment(experiment: Experiment, { rows }: SweepResults): Experiment {
  const recipes = experiment.recipes.map((recipe) => {
    const chosen = rows.find((row) => row.recipe === recipe.id)?.chosen;
    const config = experiment.sweep?.rows.find((row) => row.recipe === recipe.id)?.trials[chosen ?? -1]?.config;
    return config === undefined ? recipe : { ...config, id: recipe.id };
  });
  return { ...experiment, recipes };
}

function bestOf(trials: SweepRow['trials'], goal: Sweep['goal']): number | null {
  let best: { index: number; value: number } | null = null;
  for (const [index, { value }] of trials.entries()) {
    if (value === null) continue;
    if (best === null || (goal === 'max' ? value > best.value : value < best.value)) best = { index, value };
  }
  return best?.index ?? null;
}

function valueOf({ seeds, metric }: Sweep, experimentDir: string, { config }: Trial): { value: number | null; failure: string | null } {
  const values: number[] = [];
  for (const seed of seeds) {
    const folder = folderOf(experimentDir, { recipe: config.id, seed });
    const manifest = manifestOf(folder);
    const state = stateOf(manifest);
    if (state === 'failed') {
      const { code, message } = manifest!['error'] as { code: string; message: string };
      return { value: null, failure: `${code}: ${message}` };
    }
    if (state !== 'finished') {
      throw new EquimodalError('EQM_SWEEP_INCOMPLETE', 'a trial did not finish, so nothing can be chosen yet', { where: folder.dir });
    }
    const { validation } = readJson(folder.metrics, 'EQM_RUN_MISSING') as unknown as RunMetrics;
    const value = validation?.[metric];
    if (typeof value !== 'number') {
      throw new EquimodalError('EQM_DATA_SPLIT', `a sweep chooses by validation ${metric}, and the run has none`, {
        where: folder.metrics,
        fix: 'Set training.validationFraction, and "sweep.metric" to a figure that metrics.json has under "validation".',
      });
    }
    values.push(value);
  }
  return { value: values.reduce((a, b) => a + b, 0) / values.length, failure: null };
}
