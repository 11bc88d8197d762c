/** One comparison that is killed, once or several times, and resumed. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, outcomeOf, redone } from './outcome.mjs';
import { kill, workersOf } from './processes.mjs';

const CLI = fileURLToPath(new URL('../../packages/cli/bin/equimodal.js', import.meta.url));

export const TARGETS = ['worker', 'runner', 'both'];

/** Rows, seeds and epochs enough that a kill finds runs finished, under way and not begun. */
export const EXPERIMENT = `
name: faults
dataset: { use: synthetic-av, train: 200, validation: 60, test: 60 }
encoders: { default: { use: mlp, hidden: [16], features: 8 } }
training: { epochs: 25, batchSize: 32 }
seeds: [0, 1]
recipes: [concat, lfm-h, ogm-ge]
`;

/** Starts `equimodal compare`; `ended` gives status, signal and what it said. */
export function compare(file, out, jobs) {
  const args = ['compare', file, '--out', out, '--jobs', String(jobs), '--resume'];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, said })));
  return { pid: child.pid, ended };
}

/** One in eight while everything starts. */
function moment({ first, last }, random) {
  const from = random() < 1 / 8 ? 0 : first;
  return Math.round(from + random() * (last - from));
}

/** Kills the target; says which kinds of process it got. */
function strike(target, runner, random) {
  const workers = workersOf(runner);
  const victims = [];
  if (target !== 'runner' && workers.length > 0) {
    const all = target === 'both' && random() < 0.5;
    for (const worker of all ? workers : [workers[Math.floor(random() * workers.length)]]) if (kill(worker)) victims.push('worker');
  }
  if (target !== 'worker' && kill(runner)) victims.push('runner');
  return victims;
}

const counts = (outcome) => {
  const states = Object.values(outcome).map(({ status }) => status);
  return Object.fromEntries([...new Set(states)].sort().map((state) => [state, states.filter((one) => one === state).length]));
};

/**
 * One round in an empty folder.
 *
 * @param target `worker`, `runner` or `both`; the first kill takes it, later ones of the round any.
 * @param window when the first run begins in an undisturbed comparison, and when it ends, in ms. Most kills fall between.
 * @param most times that it is killed.
 * @returns kills and problems; no problem means that nothing was lost.
 */
export async function round({ file, out, jobs, target, window, most, undisturbed, random }) {
  const [kills, problems] = [[], []];
  const root = join(out, 'faults');
  const strikes = 1 + Math.floor(random() * most);
  for (let i = 0; i < strikes; i++) {
    const which = i === 0 ? target : TARGETS[Math.floor(random() * 3)];
    const run = compare(file, out, jobs);
    const wait = moment(window, random);
    const early = await Promise.race([run.ended, sleep(wait)]);
    const victims = early === undefined ? strike(which, run.pid, random) : [];
    const before = outcomeOf(root);
    // A runner that was killed leaves at once; what it left is taken up while orphans may still be there.
    const { status, said } = early ?? (await run.ended);
    const after = outcomeOf(root);
    kills.push({ target: which, wait, victims, status, runs: counts(before) });
    problems.push(...redone(before, after));
    if (victims.join() === 'worker') problems.push(...survivors(after, status, said, undisturbed));
  }
  const last = outcomeOf(root);
  const { status, said } = await compare(file, out, jobs).ended;
  const end = outcomeOf(root);
  if (status !== 0) problems.push(`--resume ended with status ${status}: ${said.slice(-600)}`);
  problems.push(...redone(last, end), ...differences(undisturbed, end));
  return { target, kills, problems };
}

/** After the death of one worker every run is completed, but for at most one, which says why it is not. */
function survivors(outcome, status, said, undisturbed) {
  const failed = Object.entries(outcome).filter(([, { status: state }]) => state !== 'completed');
  const missing = Object.keys(undisturbed).filter((run) => outcome[run] === undefined);
  if (failed.length === 0 && missing.length === 0) return status === 0 ? [] : [`all runs completed, status ${status}: ${said.slice(-600)}`];
  const problems = missing.map((run) => `a worker was killed, and ${run} never ran`);
  if (failed.length > 1)
    problems.push(`one worker was killed, and ${failed.length} runs did not end: ${failed.map(([run]) => run).join(', ')}`);
  for (const [run, { error }] of failed) {
    if (error?.code !== 'EQM_RUN_KILLED') problems.push(`${run} is recorded with ${error?.code}, not as killed`);
  }
  if (status !== 2) problems.push(`a run was killed and the status is ${status}`);
  return problems;
}
