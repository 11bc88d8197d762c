import { EquimodalError, type Experiment, type RecipeConfig, type RowSearch, type Trial } from '@equimodal/core';
import type { Job } from '../job/job.js';

function trialOf(experiment: Experiment, id: string): { row: RowSearch; trial: Trial } | undefined {
  for (const row of experiment.sweep?.rows ?? []) {
    const trial = row.trials.find(({ config }) => config.id === id);
    if (trial !== undefined) return { row, trial };
  }
  return undefined;
}

/** Whether a job only tries settings, so that test is none of its business. */
export function isTrial(experiment: Experiment, { recipe }: Job): boolean {
  return trialOf(experiment, recipe) !== undefined;
}

/** The row that a job belongs to: its own, or the one its trial is for. */
export function rowIdOf(experiment: Experiment, { recipe }: Job): string {
  return trialOf(experiment, recipe)?.row.recipe ?? recipe;
}

/** What a job trains: a row, a row with the settings of a trial, or a trial. */
export function rowOfJob(experiment: Experiment, { recipe, trial }: Job): RecipeConfig {
  const tried = trialOf(experiment, recipe);
  if (tried !== undefined) return tried.trial.config;
  const row = experiment.recipes.find(({ id }) => id === recipe);
  if (row === undefined) throw new EquimodalError('EQM_INTERNAL', `there is no row "${recipe}"`);
  if (trial === undefined) return row;
  const config = experiment.sweep?.rows.find((search) => search.recipe === recipe)?.trials[trial]?.config;
  if (config === undefined) throw new EquimodalError('EQM_INTERNAL', `row "${recipe}" has no trial ${trial}`);
  return { ...config, id: recipe };
}
