import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Experiment, RecipeConfig, Sweep } from '@equimodal/core';
import { writeJson } from '@equimodal/training';
import { afterAll, expect, it } from 'vitest';
import { isTrial, rowIdOf, rowOfJob } from './rows.js';
import { chosenExperiment, chosenJobs, searchJobs, sweepResults } from './sweep.js';

const dir = mkdtempSync(join(tmpdir(), 'equimodal-sweep-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const config = (id: string, epochs = 1): RecipeConfig => ({ id, training: { epochs } }) as unknown as RecipeConfig;
const row = (recipe: string, trials: number) => ({
  recipe,
  space: { 'training.epochs': { values: [2, 3, 4] } },
  trials: Array.from({ length: trials }, (_, index) => ({
    index,
    point: { 'training.epochs': index + 2 },
    config: config(`search/${recipe}/trial-${index}`, index + 2),
  })),
});
const sweep: Sweep = {
  search: 'grid',
  seed: 0,
  seeds: [0, 1],
  metric: 'accuracy',
  goal: 'max',
  equalBudget: true,
  rows: [row('a', 3), row('b', 3)],
};
const experiment = { recipes: [config('a'), config('b'), config('c')], seeds: [0], sweep } as unknown as Experiment;

/** Leaves a run folder as a finished run does: validation and test figures that would choose differently. */
function finished(recipe: string, trial: number, seed: number, accuracy: number): void {
  const folder = join(dir, 'search', recipe, `trial-${trial}`, `seed-${seed}`);
  writeJson(join(folder, 'run.json'), { status: 'completed', config: 1 });
  writeJson(join(folder, 'metrics.json'), { validation: { accuracy, loss: accuracy }, test: { accuracy: 1 - accuracy } });
}

it('orders runs trial by trial, so that rows have had the same number at any time', () => {
  expect(searchJobs(sweep).slice(0, 5)).toEqual([
    { recipe: 'search/a/trial-0', seed: 0 },
    { recipe: 'search/b/trial-0', seed: 0 },
    { recipe: 'search/a/trial-0', seed: 1 },
    { recipe: 'search/b/trial-0', seed: 1 },
    { recipe: 'search/a/trial-1', seed: 0 },
  ]);
  expect(searchJobs(sweep)).toHaveLength(12);
});

it('chooses on validation, by the mean over seeds, the earlier one of equals; a failed trial cannot win, an unfinished one is waited for', () => {
  const values = { a: [[0.5, 0.5], [0.4, 0.8], [0.6, 0.6]], b: [[0.9, 0.9], [0.1, 0.1], [0.2, 0.2]] }; // prettier-ignore
  for (const [recipe, trials] of Object.entries(values)) {
    for (const [trial, seeds] of trials.entries()) for (const [seed, value] of seeds.entries()) finished(recipe, trial, seed, value);
  }
  expect(sweepResults(sweep, dir).rows.map(({ chosen }) => chosen)).toEqual([1, 0]);
  expect(sweepResults({ ...sweep, metric: 'loss', goal: 'min' }, dir).rows.map(({ chosen }) => chosen)).toEqual([0, 1]);

  const record = join(dir, 'search/b/trial-0/seed-1/run.json');
  writeJson(record, { status: 'failed', config: 1, error: { code: 'EQM_TRAIN_DIVERGED', message: 'NaN' } });
  const results = sweepResults(sweep, dir);
  expect(results.rows[1]).toMatchObject({ chosen: 2, space: { 'training.epochs': { values: [2, 3, 4] } } });
  expect(results.rows[1]!.trials[0]).toEqual({ point: { 'training.epochs': 2 }, value: null, failure: 'EQM_TRAIN_DIVERGED: NaN' });

  expect(chosenJobs([{ recipe: 'a', seed: 0 }, { recipe: 'b', seed: 0 }], results)).toEqual([
    { recipe: 'a', seed: 0, trial: 1 },
    { recipe: 'b', seed: 0, trial: 2 },
  ]); // prettier-ignore
  expect(chosenExperiment(experiment, results).recipes.map(({ id, training }) => [id, training.epochs])).toEqual([['a', 3], ['b', 4], ['c', 1]]); // prettier-ignore

  writeJson(record, { status: 'failed', config: 1, error: { code: 'EQM_RUN_KILLED', message: 'gone' } });
  expect(() => sweepResults(sweep, dir)).toThrow(expect.objectContaining({ code: 'EQM_SWEEP_INCOMPLETE' }));
  finished('b', 0, 1, 0.9);
  expect(() => sweepResults({ ...sweep, metric: 'f2' }, dir)).toThrow(expect.objectContaining({ code: 'EQM_DATA_SPLIT' }));
});

it('knows what a job trains: a row, a trial, or a row with the settings of a trial', () => {
  expect(rowOfJob(experiment, { recipe: 'a', seed: 0 })).toEqual(config('a'));
  expect(rowOfJob(experiment, { recipe: 'a', seed: 0, trial: 2 })).toEqual(config('a', 4));
  const tried = { recipe: 'search/b/trial-1', seed: 0 };
  expect(rowOfJob(experiment, tried)).toEqual(config('search/b/trial-1', 3));
  expect([isTrial(experiment, tried), rowIdOf(experiment, tried)]).toEqual([true, 'b']);
  expect([isTrial(experiment, { recipe: 'b', seed: 0 }), rowIdOf(experiment, { recipe: 'b', seed: 0 })]).toEqual([false, 'b']);
});
