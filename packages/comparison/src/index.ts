export * from './results/results.js';
export type { SweepResults, SweepRow } from './results/sweep.js';
export { isTrial, rowIdOf, rowOfJob } from './sweep/rows.js';
export { readSearch, writeSearch } from './sweep/stored.js';
export { chosenExperiment, chosenJobs, searchJobs, sweepResults } from './sweep/sweep.js';
export * from './statistics/statistics.js';
export { holm } from './statistics/holm/holm.js';
export { wilcoxonSignedRank, type SignedRankTest } from './statistics/wilcoxon/wilcoxon.js';
export { pairedBootstrap, type BootstrapTest } from './statistics/bootstrap/bootstrap.js';
export { compareRanks, type RankComparison } from './statistics/ranks/ranks.js';
export { loadDataset } from './job/dataset.js';
export { folderOf, recordLost, runJob, type Job, type JobOutcome, type JobSetting } from './job/job.js';
export { manifestOf, stateOf, type RunState } from './job/state.js';
export type { Executor, GridEvent, OnEvent } from './grid/executor.js';
export { codedError, failureOf, JobError, type GridFailure } from './grid/failure.js';
export { jobsOf, runGrid, type GridOptions, type GridResult } from './grid/grid.js';
export { inProcess } from './grid/in-process.js';
export { forwardProgress } from './grid/progress.js';
export { poolShape, type PoolShape } from './grid/pool-shape.js';
export { processPool, type PoolOptions } from './grid/pool.js';
export { serveJobs } from './grid/serve.js';
export { takeLock, type Lock, type LockOptions, type LockOwner } from './lock/lock.js';
export { isAlive, processId, type ProcessId } from './lock/process.js';
export { collectFolder, collectResults, experimentFolders, type CollectOptions, type FolderOptions } from './collect/collect.js';
export { filterRuns, listRuns, type RunFilter, type RunRecord } from './runs/runs.js';
export { differences, type Difference } from './diff/diff.js';
export {
  publishedFigure,
  publishedFor,
  publishedSources,
  type PublishedFigure,
  type PublishedFigures,
  type PublishedRow,
  type PublishedSource,
} from './published/published.js';
export { builtInRecipes } from './recipes/recipes.js';
export { errorOfReport, inspectDataset, type DataProblem, type DataReport, type InspectOptions } from './inspect/inspect.js';
export type { ModalityStatistics } from './inspect/statistics.js';
export { knownCosts, planOf, trialCost, type PlannedJob, type RowEstimate } from './estimate/estimate.js';
