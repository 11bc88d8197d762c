import type { Signals } from '@equimodal/core';
import type { Job } from '../job/job.js';
import type { OnEvent } from './executor.js';

/** Between two reports of the same run. */
const EVERY_MS = 250;

/** Reports a run's progress, at most a few times a second and after every epoch, and its warnings. */
export function forwardProgress(job: Job, signals: Signals, onEvent: OnEvent): void {
  let epochs = 1;
  let stepsPerEpoch = 1;
  let last = 0;
  let accuracy: number | null = null;
  const report = (epoch: number, fraction: number): void => {
    last = performance.now();
    onEvent({ type: 'progress', job, epoch, epochs, fraction, accuracy });
  };
  signals.on('warning').subscribe(({ message }) => onEvent({ type: 'warning', job, message }));
  signals.on('run.started').subscribe((signal) => {
    ({ epochs, stepsPerEpoch } = signal);
    report(Math.floor(signal.resumedAtStep / stepsPerEpoch), signal.resumedAtStep / stepsPerEpoch / epochs);
  });
  signals.on('step.completed').subscribe(({ epoch, step }) => {
    if (performance.now() - last >= EVERY_MS) report(epoch, (epoch + (step + 1) / stepsPerEpoch) / epochs);
  });
  signals.on('epoch.completed').subscribe(({ epoch, validation }) => {
    accuracy = validation?.accuracy ?? null;
    report(epoch, (epoch + 1) / epochs);
  });
}
