import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { equimodal, SMALL, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(work.dir, 'runs', 'sweep', ...path), 'utf8')) as T;

interface Results {
  readonly rows: readonly { readonly recipe: string; readonly seeds: readonly number[] }[];
  readonly sweep: {
    readonly search: string;
    readonly rows: readonly {
      readonly recipe: string;
      readonly space: object;
      readonly trials: readonly {
        readonly point: Record<string, number>;
        readonly value: number | null;
        readonly failure: string | null;
      }[];
      readonly chosen: number;
    }[];
  };
}
const SWEEP = `
sweep:
  search: grid
  metric: loss
  space: { training.optimizer.learningRate: [1e30, 0.001, 0.1] }
`;

it('tries every row equally, chooses on validation without looking at test, and compares with what was chosen', async () => {
  const file = work.write('sweep.yaml', SMALL.replace('recipes: [unimodal, concat, lfm-h]', 'recipes: [concat, lfm-h]') + SWEEP);
  const { status, stdout, stderr } = await equimodal(['compare', file, '--jobs', '2', '--json'], work.dir);
  expect(stderr).toContain('grid search: 2 rows x up to 3 trials x 1 seeds, chosen by validation loss');
  expect(status).toBe(0);
  const results = JSON.parse(stdout) as Results;
  expect(json<Results>('report', 'results.json').sweep).toEqual(results.sweep);
  expect(results.sweep).toEqual(json('search', 'search.json'));
  expect(results.rows.map(({ recipe, seeds }) => [recipe, seeds])).toEqual([
    ['concat', [0, 1]],
    ['lfm-h', [0, 1]],
  ]);
  for (const { recipe, space, trials, chosen } of results.sweep.rows) {
    expect(space).toEqual({ 'training.optimizer.learningRate': { values: [1e30, 0.001, 0.1] } });
    expect([trials[0]!.value, trials[0]!.failure]).toEqual([null, expect.stringContaining('EQM_TRAIN_DIVERGED')]);
    // The same figures as the runs have, and the smaller loss.
    const values = [1, 2].map(
      (i) => json<{ validation: { loss: number } }>('search', recipe, `trial-${i}`, 'seed-0', 'metrics.json').validation.loss,
    );
    expect(trials.slice(1).map(({ value }) => value)).toEqual(values);
    expect(chosen).toBe(values[0]! < values[1]! ? 1 : 2);
    const trained = json<{ recipe: { id: string; training: { optimizer: { learningRate: number } } } }>(
      recipe,
      'seed-1',
      'run.json',
    ).recipe;
    expect([trained.id, trained.training.optimizer.learningRate]).toEqual([
      recipe,
      trials[chosen]!.point['training.optimizer.learningRate'],
    ]);
    expect(json<{ test: object }>('search', recipe, 'trial-1', 'seed-0', 'metrics.json').test).toEqual({ perModality: {} });
    // The row's first seed is the chosen trial again, now with its test figures.
    const [again, tried] = [json<{ validation: object }>(recipe, 'seed-0', 'metrics.json'), json<{ validation: object }>('search', recipe, `trial-${chosen}`, 'seed-0', 'metrics.json')]; // prettier-ignore
    expect(again.validation).toEqual(tried.validation);
  }
  const resumed = await equimodal(['compare', file, '--jobs', '2', '--json', '--resume'], work.dir);
  expect(resumed.status).toBe(0);
  expect(resumed.stderr.match(/reused/g)).toHaveLength(8);
  expect((JSON.parse(resumed.stdout) as Results).sweep).toEqual(results.sweep);
  // A report made from the folder alone states the same search.
  expect((await equimodal(['report', 'runs/sweep'], work.dir)).status).toBe(0);
  expect(json<Results>('report', 'results.json').sweep).toEqual(results.sweep);
  writeFileSync(join(work.dir, 'runs/sweep/search/search.json'), '{"search": "grid"}');
  const refused = await equimodal(['report', 'runs/sweep'], work.dir);
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/EQM_RUN_MISSING: search\.json does not say/)]);
});
