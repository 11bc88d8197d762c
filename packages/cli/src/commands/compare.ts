import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  collectResults,
  inProcess,
  jobsOf,
  poolShape,
  processPool,
  runGrid,
  type ComparisonResults,
  type Executor,
  type PoolShape,
} from '@equimodal/comparison';
import { formatTerminalTable, writeReport } from '@equimodal/reports';
import type { Command } from 'commander';
import { VERSION } from '../host.js';
import { onInterrupt } from '../interrupt.js';
import { count, withExperimentFlags, type CommonFlags } from '../options.js';
import { duration, GridProgress } from '../output/grid-progress.js';
import { note, print, printJson } from '../output/print.js';
import { expectedEngine, openSession, prepareJobs, type Session } from '../session.js';
import type { WorkerTask } from '../worker.js';

interface CompareFlags extends CommonFlags {
  readonly jobs?: number;
}

/** `equimodal compare FILE`: every row with every seed, then the table and the report. */
export function compareCommand(program: Command): void {
  withExperimentFlags(program.command('compare <file>').description('train every row of an experiment with every seed; table and report'))
    .option('--jobs <n>', 'runs at the same time, one process each (default: one per core)', count)
    .action(async (file: string, flags: CompareFlags) => {
      process.exitCode = await compare(file, flags);
    });
}

async function compare(file: string, flags: CompareFlags): Promise<number> {
  const started = performance.now();
  const session = await openSession(file, flags);
  const { experiment, experimentDir, host } = session;
  const jobs = jobsOf(experiment);
  const { id, reason } = await expectedEngine(host, flags);
  const pool = poolShape(availableParallelism(), { runs: jobs.length, jobs: flags.jobs, threads: flags.threads });
  note(
    `${experiment.name}: ${experiment.recipes.length} rows x ${experiment.seeds.length} seeds on ${experiment.dataset.use}; engine ${id} (${reason}), ${pool.processes} at a time, ${pool.threads} thread${pool.threads === 1 ? '' : 's'} each`,
  );
  if (id !== 'native') note(`engine ${id} is several times slower than native; "equimodal engine link" prepares the native one`);

  const interrupt = onInterrupt();
  const executor = await makeExecutor(session, file, flags, pool, interrupt.signal);
  const progress = new GridProgress(jobs.length);
  const { failures } = await runGrid(jobs, executor, progress.handle, interrupt.signal).finally(async () => {
    progress.close();
    interrupt.release();
    await executor.dispose();
  });
  if (interrupt.signal.aborted) {
    note(`interrupted; go on with --resume`);
    return 130;
  }
  for (const { job, error } of failures)
    note(`${job.recipe} seed ${job.seed}: ${flags.debug === true ? (error.stack ?? error.text) : error.text}`);
  const failed = failures.some(({ error }) => error.code === 'EQM_INTERNAL') ? 1 : 2;
  if (failures.length === jobs.length) return failed;

  const wallSeconds = (performance.now() - started) / 1000;
  const results = collectResults({ host, experiment, experimentDir, version: VERSION, wallSeconds, failures });
  const { notes } = await writeReport(results, join(experimentDir, 'report'), { command: commandOf(file, flags) });
  notes.forEach(note);
  show(results, experimentDir, wallSeconds, flags.json === true);
  return failures.length === 0 ? 0 : failed;
}

async function makeExecutor(
  session: Session,
  file: string,
  flags: CompareFlags,
  { processes, threads }: PoolShape,
  abort: AbortSignal,
): Promise<Executor> {
  if (processes === 1) return inProcess({ ...(await prepareJobs(session, { ...flags, threads })), abort });
  const task: WorkerTask = { file, flags: { ...flags, threads } };
  return processPool({
    module: fileURLToPath(new URL('../worker.js', import.meta.url)),
    args: [JSON.stringify(task)],
    size: processes,
    env: { EQUIMODAL_THREADS: String(threads) },
    abort,
  });
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
