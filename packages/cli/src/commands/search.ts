import type { Sweep } from '@equimodal/core';
import { searchJobs, sweepResults, writeSearch, type SweepResults } from '@equimodal/comparison';
import type { CompareFlags } from '../options.js';
import { note } from '../output/print.js';
import type { Session } from '../session.js';
import { noteFailures, type GridSession } from './grid.js';

/**
 * Runs the trials of a sweep and chooses the settings of every row; null after Ctrl-C. What was tried and chosen is written to
 * `search/search.json` below the experiment's folder.
 *
 * @throws EQM_SWEEP_INCOMPLETE if a trial did not finish for a reason that lies outside of it.
 */
export async function runSearch(
  { experimentDir }: Session,
  sweep: Sweep,
  grid: GridSession,
  flags: CompareFlags,
): Promise<SweepResults | null> {
  const jobs = searchJobs(sweep);
  const most = Math.max(0, ...sweep.rows.map(({ trials }) => trials.length));
  note(
    `${sweep.search} search: ${sweep.rows.length} rows x up to ${most} trials x ${sweep.seeds.length} seeds, chosen by validation ${sweep.metric}`,
  );
  const result = await grid.run(jobs);
  if (result === undefined) return null;
  noteFailures(result, flags);
  const results = sweepResults(sweep, experimentDir);
  writeSearch(experimentDir, results);
  for (const { recipe, trials, chosen } of results.rows) {
    if (chosen === null) note(`${recipe}: no trial gave a figure, so the row is left out`);
    else {
      const { point, value } = trials[chosen]!;
      const settings = Object.entries(point).map(([path, setting]) => `${path} ${JSON.stringify(setting)}`);
      note(
        `${recipe}: trial ${chosen + 1} of ${trials.length}, validation ${sweep.metric} ${value!.toFixed(4)}: ${settings.join(', ') || 'nothing to set'}`,
      );
    }
  }
  return results;
}
