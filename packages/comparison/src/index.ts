export * from './results/results.js';
export * from './statistics/statistics.js';
export { loadDataset } from './job/dataset.js';
export { folderOf, runJob, type Job, type JobOutcome, type JobSetting } from './job/job.js';
export { JobError, jobsOf, runGrid, type Executor, type GridEvent, type GridFailure, type GridResult } from './grid/grid.js';
export { failureOf, forwardProgress, inProcess } from './grid/in-process.js';
export { processPool, serveJobs, type PoolOptions } from './grid/pool.js';
export { collectResults, type CollectOptions } from './collect/collect.js';
export { builtInRecipes } from './recipes/recipes.js';
