import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, jobsOf, JobError, failureOf, runGrid, type Executor, type GridEvent, type JobOutcome } from '@equimodal/comparison';
import { ConfigSource, EquimodalError, resolveExperiment } from '@equimodal/core';
import { builtInHost } from '@equimodal/cli';
import { afterAll, expect, it } from 'vitest';
import { equimodal, SMALL, start, workFolder } from './support/cli.js';

const work = workFolder();
afterAll(() => work.done());

/** One command a job, as an executor for a cluster submits them: the runner needs nothing of ours but the contract. */
function commands(file: string, out: string, size: number): Executor {
  const running = new Set<ReturnType<typeof start>>();
  return {
    size,
    async execute(_slot, job) {
      const command = start(['train', file, '--recipes', job.recipe, '--seeds', String(job.seed), '--out', out, '--resume'], work.dir);
      running.add(command);
      const { status, stderr } = await command.finished;
      running.delete(command);
      const { dir } = folderOf(join(out, 'small'), job);
      if (status !== 0 && status !== 130) throw new JobError(failureOf(new EquimodalError('EQM_RUN_KILLED', stderr.slice(-300))));
      const manifest = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as Omit<JobOutcome, 'job' | 'dir'>;
      return { job, dir, status: manifest.status, accuracy: manifest.accuracy, seconds: manifest.seconds };
    },
    interrupt: () => running.forEach(({ child }) => child.kill('SIGINT')),
    dispose: () => Promise.resolve(),
  };
}

it('an executor that is none of ours gives the same results as the pool', async () => {
  const file = work.write(
    'small.yaml',
    SMALL.replace(
      '[unimodal, concat, lfm-h]',
      '[concat, { recipe: lfm-h, as: wild, training: { optimizer: { use: sgd, learningRate: 1e30 } } }]',
    ),
  );
  const experiment = await resolveExperiment(builtInHost(), ConfigSource.read(file));
  const out = join(work.dir, 'commands');
  const events: GridEvent[] = [];
  const { outcomes, failures } = await runGrid(jobsOf(experiment), commands(file, out, 2), (event) => events.push(event));
  expect(failures.map(({ job: { recipe, seed } }) => `${recipe} ${seed}`).sort()).toEqual(['wild 0', 'wild 1']);
  expect(events.filter(({ type }) => type === 'started')).toHaveLength(4);
  expect((await equimodal(['compare', file, '--jobs', '1'], work.dir)).status).toBe(2);
  expect((await equimodal(['compare', file, '--in-process', '--out', 'here'], work.dir)).status).toBe(2);
  for (const { job, dir } of outcomes) {
    const metrics = readFileSync(join(dir, 'metrics.json'), 'utf8');
    for (const other of ['runs', 'here']) {
      expect(readFileSync(join(folderOf(join(work.dir, other, 'small'), job).dir, 'metrics.json'), 'utf8'), other).toBe(metrics);
    }
  }
});
