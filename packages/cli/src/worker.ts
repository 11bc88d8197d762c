import { failureOf, forwardProgress, runJob, serveJobs, type JobSetting } from '@equimodal/comparison';
import type { CommonFlags } from './options.js';
import { openSession, prepareJobs } from './session.js';

/** What a worker process is told on its command line. */
export interface WorkerTask {
  readonly file: string;
  readonly flags: CommonFlags;
}

const { file, flags } = JSON.parse(process.argv[2]!) as WorkerTask;
const abort = new AbortController();
let setting: Promise<JobSetting> | undefined;

serveJobs(
  async (job, onEvent) => {
    // Engine and data are loaded with the first job, so that their errors are that job's.
    setting ??= openSession(file, flags).then((session) => prepareJobs(session, flags));
    return runJob({ ...(await setting), abort: abort.signal, attach: (which, signals) => forwardProgress(which, signals, onEvent) }, job);
  },
  failureOf,
  () => abort.abort(),
);
