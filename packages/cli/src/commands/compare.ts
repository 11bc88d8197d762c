import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  chosenExperiment,
  chosenJobs,
  collectResults,
  jobsOf,
  poolShape,
  searchJobs,
  takeLock,
  type ComparisonResults,
  type Job,
  type PoolShape,
} from '@equimodal/comparison';
import { formatTerminalTable, writeReport } from '@equimodal/reports';
import type { Command } from 'commander';
import { VERSION } from '../version.js';
import { count, withExperimentFlags, type CompareFlags } from '../options.js';
import { duration } from '../output/duration.js';
import { note, print, printJson } from '../output/print.js';
import { expectedEngine, openSession, type Session } from '../session.js';
import { dryRun } from './dry-run.js';
import { noteFailures, openGrid } from './grid.js';
import { runSearch } from './search.js';

/** `equimodal compare FILE`: every row with every seed, then the table and the report. */
export function compareCommand(command: Command): void {
  withExperimentFlags(command)
    .option('--jobs <n>', 'runs at the same time, one process each (default: one per core)', count)
    .option('--dry-run', 'print the runs, what is there of them and an estimate of the time; train nothing')
    .option('--in-process', 'one run after another in this process, for debuggers')
    .action(async (file: string, flags: CompareFlags) => {
      process.exitCode = await compare(file, flags);
    });
}

async function compare(file: string, flags: CompareFlags): Promise<number> {
  const session = await openSession(file, flags);
  const { experiment, experimentDir, host } = session;
  const jobs = jobsOf(experiment);
  const all = experiment.sweep === null ? jobs : [...searchJobs(experiment.sweep), ...jobs];
  const { id, reason } = await expectedEngine(host, flags);
  const most = flags.inProcess === true ? 1 : flags.jobs;
  const pool = poolShape(availableParallelism(), { runs: all.length, jobs: most, threads: flags.threads });
  note(
    `${experiment.name}: ${experiment.recipes.length} rows x ${experiment.seeds.length} seeds on ${experiment.dataset.use}; engine ${id} (${reason}), ${pool.processes} at a time, ${pool.threads} thread${pool.threads === 1 ? '' : 's'} each`,
  );
  if (id !== 'native') note(`engine ${id} is several times slower than native; "equimodal engine link" prepares the native one`);
  if (flags.dryRun === true) return dryRun(session, all, pool, flags);

  const lock = await takeLock(join(experimentDir, '.lock'), { what: 'this comparison' });
  try {
    return await lockedCompare(session, file, flags, jobs, pool);
  } finally {
    lock.release();
  }
}

async function lockedCompare(session: Session, file: string, flags: CompareFlags, jobs: readonly Job[], pool: PoolShape): Promise<number> {
  const started = performance.now();
  const { experiment, experimentDir, host } = session;
  const grid = await openGrid(session, file, flags, pool);
  try {
    const sweep = experiment.sweep === null ? undefined : await runSearch(session, experiment.sweep, grid, flags);
    if (sweep === null) return 130;
    const chosen = sweep === undefined ? jobs : chosenJobs(jobs, sweep);
    const result = await grid.run(chosen);
    if (result === undefined) return 130;
    noteFailures(result, flags);
    const { failures } = result;
    const failed = failures.some(({ error }) => error.code === 'EQM_INTERNAL') ? 1 : 2;
    if (failures.length === chosen.length) return failed;

    const wallSeconds = (performance.now() - started) / 1000;
    const compared = sweep === undefined ? experiment : chosenExperiment(experiment, sweep);
    const results = collectResults({ host, experiment: compared, experimentDir, version: VERSION, wallSeconds, failures, sweep });
    const { notes } = await writeReport(results, join(experimentDir, 'report'), { command: commandOf(file, flags) });
    notes.forEach(note);
    show(results, experimentDir, wallSeconds, flags.json === true);
    return failures.length === 0 && chosen.length === jobs.length ? 0 : failed;
  } finally {
    await grid.close();
  }
}

/** The command that makes the report again. */
function commandOf(file: string, flags: CompareFlags): string {
  const list = (name: string, values: readonly (string | number)[] | undefined): string[] =>
    values === undefined ? [] : [name, values.join(',')];
  const quoted = (text: string): string => (/^[\w./=,:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const parts = [
    'npx equimodal compare',
    file,
    ...list('--recipes', flags.recipes),
    ...list('--seeds', flags.seeds),
    ...flags.set.flatMap((set) => ['--set', set]),
  ];
  if (flags.engine !== undefined) parts.push('--engine', flags.engine);
  if (flags.capture === false) parts.push('--no-capture');
  return parts.map((part, i) => (i === 0 ? part : quoted(part))).join(' ');
}

function show(results: ComparisonResults, experimentDir: string, wallSeconds: number, json: boolean): void {
  if (json) {
    printJson(results);
    return;
  }
  print(
    `\n${formatTerminalTable(results, { colors: process.stdout.isTTY && process.env['NO_COLOR'] === undefined, width: process.stdout.columns ?? 120 })}`,
  );
  print(`\n${results.rows.length} rows in ${duration(wallSeconds)} on engine ${results.engine.id}`);
  print(`report: ${join(experimentDir, 'report', 'report.html')}`);
}
