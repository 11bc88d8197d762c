import { runJob, type JobSetting } from '../job/job.js';
import type { Executor } from './executor.js';
import { failureOf, JobError } from './failure.js';
import { forwardProgress } from './progress.js';

/** Runs jobs one after another in this process: for libraries and debuggers. What kills a run kills the runner too. */
export function inProcess(setting: Omit<JobSetting, 'abort'>): Executor {
  const abort = new AbortController();
  return {
    size: 1,
    async execute(_slot, job, onEvent) {
      const attach: JobSetting['attach'] = (which, signals, controls) => {
        forwardProgress(which, signals, onEvent);
        setting.attach?.(which, signals, controls);
      };
      try {
        return await runJob({ ...setting, abort: abort.signal, attach }, job);
      } catch (error) {
        throw new JobError(failureOf(error));
      }
    },
    interrupt: () => abort.abort(),
    dispose: () => Promise.resolve(),
  };
}
