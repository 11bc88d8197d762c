import { EquimodalError, type Experiment } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import type { Job, JobOutcome } from '../job/job.js';
import type { Executor, GridEvent } from './executor.js';
import { failureOf, JobError, type GridFailure } from './failure.js';
import { jobsOf, runGrid } from './grid.js';

const job = (recipe: string, seed = 0): Job => ({ recipe, seed });
const outcome = (of: Job, status: JobOutcome['status'] = 'completed'): JobOutcome => ({
  job: of,
  dir: '',
  status,
  accuracy: 0.5,
  seconds: 1,
});
const nothing = (): void => {};

/** Two slots; a job ends when it is told how. */
function manual(begins = true) {
  const running = new Map<string, { done(status?: JobOutcome['status']): void; fail(error: unknown): void; slot: number }>();
  let interrupted = 0;
  const executor: Executor = {
    size: 2,
    execute: (slot, of, onEvent) =>
      new Promise((resolve, reject) => {
        if (begins) onEvent({ type: 'progress', job: of, epoch: 0, epochs: 1, fraction: 0, accuracy: null });
        running.set(of.recipe, { slot, done: (status) => resolve(outcome(of, status)), fail: reject });
      }),
    interrupt: () => void interrupted++,
    dispose: () => Promise.resolve(),
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { executor, running, turn, interrupted: () => interrupted };
}

const lost: GridFailure = { ...failureOf(new EquimodalError('EQM_RUN_KILLED', 'gone')), lost: true };

it('orders jobs seed by seed, so that at any time all rows have the same seeds, give or take one', () => {
  const experiment = { seeds: [3, 1], figure: null, recipes: [{ id: 'a' }, { id: 'b' }] } as unknown as Experiment;
  expect(jobsOf(experiment)).toEqual([job('a', 3), job('b', 3), job('a', 1), job('b', 1)]);
});

describe('the runner', () => {
  it('fills every slot, in order, and goes on after failures of single runs', async () => {
    const { executor, running, turn } = manual();
    const events: GridEvent[] = [];
    const noted: Job[] = [];
    const grid = runGrid(
      ['a', 'b', 'c', 'd'].map((name) => job(name)),
      executor,
      (event) => events.push(event),
      {
        onLost: (which) => void noted.push(which),
      },
    );
    expect([...running.keys()]).toEqual(['a', 'b']);
    running.get('b')!.fail(new JobError(lost));
    await turn();
    expect(running.get('c')!.slot).toBe(1);
    running.get('a')!.fail(new Error('a plugin did this'));
    await turn();
    running.get('d')!.done();
    running.get('c')!.done('reused');
    const { outcomes, failures } = await grid;
    expect(outcomes.map((one) => one.job.recipe)).toEqual(['d', 'c']);
    expect(failures.map(({ job: { recipe }, error: { code } }) => [recipe, code])).toEqual([
      ['b', 'EQM_RUN_KILLED'],
      ['a', 'EQM_INTERNAL'],
    ]);
    expect(noted).toEqual([job('b')]);
    expect(events.filter(({ type }) => type === 'failed' || type === 'finished').map((event) => (event as { done: number }).done)).toEqual([
      1, 2, 3, 4,
    ]);
  });

  it('tries a job once more whose process ended before the run began, and takes one that ended well but could not say so', async () => {
    const { executor, running, turn } = manual(false);
    const events: GridEvent[] = [];
    const grid = runGrid(
      ['a', 'b', 'c'].map((name) => job(name)),
      executor,
      (event) => events.push(event),
      { onLost: (which) => (which.recipe === 'a' ? outcome(which) : undefined) },
    );
    for (const name of ['a', 'b']) running.get(name)!.fail(new JobError(lost));
    await turn();
    running.get('c')!.done();
    running.get('a')!.fail(new JobError(lost));
    await turn();
    running.get('b')!.fail(new JobError(lost));
    const { outcomes, failures } = await grid;
    expect(events.filter(({ type }) => type === 'postponed')).toHaveLength(2);
    expect(outcomes.map((one) => one.job.recipe).sort()).toEqual(['a', 'c']);
    expect(failures.map((one) => one.job.recipe)).toEqual(['b']);
  });

  it('on what concerns every run lets the others keep a checkpoint, and throws afterwards', async () => {
    const { executor, running, turn, interrupted } = manual();
    let settled = false;
    const grid = runGrid(
      ['a', 'b', 'c'].map((name) => job(name)),
      executor,
      nothing,
    ).finally(() => (settled = true));
    running.get('a')!.fail(new JobError(failureOf(Object.assign(new Error('no space'), { code: 'ENOSPC' }))));
    await turn();
    expect([interrupted(), settled, running.has('c')]).toEqual([1, false, false]);
    running.get('b')!.done('interrupted');
    await expect(grid).rejects.toMatchObject({ failure: { code: 'EQM_DISK_FULL', scope: 'grid' } });
  });

  it('begins nothing more after an abort, and does not count what was interrupted as done', async () => {
    const { executor, running, interrupted } = manual();
    const abort = new AbortController();
    const grid = runGrid(
      ['a', 'b', 'c'].map((name) => job(name)),
      executor,
      nothing,
      { abort: abort.signal },
    );
    abort.abort();
    expect(interrupted()).toBe(1);
    running.get('a')!.done('interrupted');
    running.get('b')!.done();
    expect((await grid).outcomes.map((one) => one.job.recipe)).toEqual(['b']);
    expect(running.has('c')).toBe(false);
  });
});

it.each([
  ['OOM when allocating tensor with shape[1000]', 'EQM_OUT_OF_MEMORY'],
  ['Array buffer allocation failed', 'EQM_OUT_OF_MEMORY'],
  ['something else', 'EQM_INTERNAL'],
])('calls "%s" %s', (message, code) => {
  expect(failureOf(new Error(message))).toMatchObject({ code, scope: 'run', message });
});
