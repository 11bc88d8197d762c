import { writeFileSync } from 'node:fs';
import { failureOf, forwardProgress, JobError, processId, runJob, serveJobs, type JobSetting } from '@equimodal/comparison';
import type { CompareFlags } from './options.js';
import { openSession, prepareJobs } from './session.js';

/** What a worker process is told on its command line. */
export interface WorkerTask {
  readonly file: string;
  readonly flags: CompareFlags;
}

const { file, flags } = JSON.parse(process.argv[2]!) as WorkerTask;
const abort = new AbortController();
const runner = processId(process.ppid);
let setting: Promise<JobSetting> | undefined;

if (process.platform === 'linux') {
  try {
    // Should memory end, the system takes a worker, whose run can be continued, rather than the runner.
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not allowed here.
  }
}

/** Engine and data are loaded with the first job; what fails there fails every job. */
async function prepare(): Promise<JobSetting> {
  try {
    return await prepareJobs(await openSession(file, flags), flags);
  } catch (error) {
    throw new JobError(failureOf(error, 'grid'));
  }
}

serveJobs(
  async (job, onEvent) =>
    runJob(
      {
        ...(await (setting ??= prepare())),
        runner,
        abort: abort.signal,
        attach: (which, signals) => forwardProgress(which, signals, onEvent),
      },
      job,
    ),
  () => abort.abort(),
);
