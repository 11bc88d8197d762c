import { EquimodalError, messageOf, type Signals } from '@equimodal/core';
import { runJob, type Job, type JobSetting } from '../job/job.js';
import { JobError, type Executor, type GridEvent, type GridFailure } from './grid.js';

/** Turns anything thrown by a job into what is stored and shown. */
export function failureOf(error: unknown): GridFailure {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  if (error instanceof EquimodalError) return { code: error.code, message: error.message, text: error.format(), ...stack };
  return { code: 'EQM_INTERNAL', message: messageOf(error), text: `EQM_INTERNAL: ${messageOf(error)}`, ...stack };
}

/** Reports a run's progress, at most a few times a second, and its warnings. */
export function forwardProgress(job: Job, signals: Signals, onEvent: (event: GridEvent) => void): void {
  let epochs = 1;
  let stepsPerEpoch = 1;
  let last = 0;
  signals.on('warning').subscribe(({ message }) => onEvent({ type: 'warning', job, message }));
  signals.on('run.started').subscribe((signal) => {
    ({ epochs, stepsPerEpoch } = signal);
  });
  signals.on('step.completed').subscribe(({ epoch, step }) => {
    const now = performance.now();
    if (now - last < 250) return;
    last = now;
    onEvent({ type: 'progress', job, epoch, epochs, fraction: (epoch + (step + 1) / stepsPerEpoch) / epochs });
  });
}

/** Runs jobs one after another in this process. */
export function inProcess(setting: JobSetting): Executor {
  return {
    size: 1,
    async execute(_worker, job, onEvent) {
      const attach: JobSetting['attach'] = (which, signals, controls) => {
        forwardProgress(which, signals, onEvent);
        setting.attach?.(which, signals, controls);
      };
      try {
        return await runJob({ ...setting, attach }, job);
      } catch (error) {
        throw new JobError(failureOf(error));
      }
    },
    dispose: () => Promise.resolve(),
  };
}
