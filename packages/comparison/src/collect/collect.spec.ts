import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from '@equimodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInRecipes } from '../recipes/recipes.js';
import { filterRuns, listRuns } from '../runs/runs.js';
import { collectFolder, experimentFolders } from './collect.js';
import { writeRun } from './runs.fixture.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'equimodal-collect-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const host = new Host([builtInRecipes()]);
const collect = (options: { reference?: string } = {}) => collectFolder({ host, dir, version: '1', ...options });

function grid(): void {
  const accuracies = { concat: [0.6, 0.62, 0.58], 'lfm-lb': [0.7, 0.71, 0.72], sum: [0.6, 0.61, 0.6] };
  for (const [recipe, values] of Object.entries(accuracies)) {
    values.forEach((accuracy, seed) => writeRun(dir, { recipe, seed, accuracy, alpha: recipe === 'lfm-lb' }));
  }
}

describe('collectFolder', () => {
  it('makes rows, tests, curves and facts from run folders alone', () => {
    grid();
    const results = collect();
    expect(results).toMatchObject({ experiment: 'demo', reference: 'concat', file: '/studies/demo.yaml', wallSeconds: 2 * 86_400 + 60 });
    expect(results.rows.map(({ recipe, seeds }) => [recipe, seeds.join()])).toEqual([
      ['concat', '0,1,2'],
      ['lfm-lb', '0,1,2'],
      ['sum', '0,1,2'],
    ]);
    const [base, aligned, sum] = results.rows;
    expect(base!.versusReference).toBeNull();
    expect(aligned!.versusReference).toMatchObject({ reference: 'concat', seeds: 3, wilcoxon: 0.25, bootstrap: null });
    expect(aligned!.versusReference!.holm).toBeCloseTo(2 * aligned!.versusReference!.pValue!, 12);
    expect(sum!.versusReference!.holm).toBeGreaterThanOrEqual(sum!.versusReference!.pValue!);
    expect(results.curves.find(({ recipe }) => recipe === 'lfm-lb')!.epochs[1]).toEqual({
      epoch: 1,
      alpha: 0.5,
      trainLoss: 0.5,
      losses: { fused: 1 },
      gradientNorm: { audio: 2, visual: 2 },
      validationAccuracy: 0.7,
      modalityGap: 0.4,
      perModality: { audio: 0.4, visual: 0.3 },
    });
    expect(results.curves[0]!.epochs[0]!.alpha).toBeNull();
    expect(results.runs[4]).toMatchObject({ recipe: 'lfm-lb', seed: 1, folder: 'lfm-lb/seed-1', accuracy: 0.71, commit: 'abc' });
    expect(results.published[0]!.rows.map(({ recipe }) => recipe)).toEqual(['concat', 'lfm-lb', 'sum']);
    expect(results.recipes['sum']).toMatchObject({ fusion: { use: 'sum' } });
  });

  it('takes another reference, and names the nearest for one that is not there', () => {
    grid();
    const results = collect({ reference: 'sum' });
    expect(results.rows.map(({ versusReference }) => versusReference?.reference ?? null)).toEqual(['sum', 'sum', null]);
    expect(() => collect({ reference: 'sun' })).toThrowError(
      expect.objectContaining({ code: 'EQM_CLI_USAGE', message: expect.stringContaining('sum') as string }),
    );
  });

  it('tells runs that did not finish, with their reasons, and those it cannot read', () => {
    grid();
    writeRun(dir, { recipe: 'mla', seed: 0, status: 'failed' });
    writeRun(dir, { recipe: 'mla', seed: 1, status: 'running' });
    writeFileSync(join(writeRun(dir, { recipe: 'mla', seed: 2 }), 'run.json'), '{"status":');
    const { failures, rows } = collect();
    expect(rows).toHaveLength(3);
    expect(failures.map(({ seed, message }) => `${seed} ${message}`)).toEqual([
      '0 EQM_TRAIN_DIVERGED: the loss became NaN',
      '1 still running, or killed; go on with --resume',
      expect.stringContaining('is not JSON'),
    ]);
  });

  it('refuses a folder without finished runs, and one of several experiments', () => {
    expect(() => collect()).toThrowError(expect.objectContaining({ code: 'EQM_RUN_MISSING' }));
    writeRun(join(dir, 'one'), { recipe: 'concat', seed: 0 });
    writeRun(join(dir, 'other'), { recipe: 'concat', seed: 0, experiment: 'other' });
    expect(() => collect()).toThrowError(/2 experiments/);
    expect(experimentFolders(dir)).toEqual([
      { experiment: 'demo', dir: join(dir, 'one') },
      { experiment: 'other', dir: join(dir, 'other') },
    ]);
  });
});

describe('listRuns', () => {
  it('lists runs, not those moved aside, and filters them', () => {
    writeRun(dir, { recipe: 'unimodal/audio', seed: 0, accuracy: 0.4 });
    writeRun(dir, { recipe: 'unimodal/visual', seed: 10, status: 'failed' });
    writeRun(dir, { recipe: 'concat', seed: 2, dataset: 'mosi' });
    writeRun(join(dir, 'concat', 'seed-2.old-1'), { recipe: 'concat', seed: 2 });
    const runs = listRuns(dir);
    expect(runs.map(({ recipe, seed }) => `${recipe} ${seed}`)).toEqual(['concat 2', 'unimodal/audio 0', 'unimodal/visual 10']);
    expect(filterRuns(runs, { recipes: ['unimodal'] })).toHaveLength(2);
    expect(filterRuns(runs, { recipes: ['unimodal'], statuses: ['failed'] })).toMatchObject([{ seed: 10 }]);
    expect(filterRuns(runs, { datasets: ['mosi'], seeds: [2] })).toMatchObject([{ recipe: 'concat' }]);
    expect(filterRuns(runs, { seeds: [7] })).toEqual([]);
    expect(() => listRuns(join(dir, 'nowhere'))).toThrowError(expect.objectContaining({ code: 'EQM_RUN_MISSING' }));
  });
});
