/** The two sides of a benchmark of steps, as processes that make steps on request. While one works, the other waits. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BATCHES_IN_MEMORY, WORKLOADS } from './workloads.mjs';

export const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What TensorFlow says of itself while it is loaded, whatever the log level. */
const TENSORFLOW_GREETING = /absl::InitializeLog|oneDNN custom operations are on/;

/** Passes our standard error on, line by line. */
function passOn(stream) {
  createInterface({ input: stream }).on('line', (line) => {
    if (!TENSORFLOW_GREETING.test(line)) process.stderr.write(`${line}\n`);
  });
}

/** No process that the benchmark started outlives it. */
export function endWithUs(child) {
  const end = () => child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** What our processes are told beside the environment of the command. */
export function ourEnvironment({ capture }) {
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...(capture ? {} : { EQUIMODAL_CAPTURE: '0' }) };
}

/** Our side. `collect`: garbage is collected after each round, before memory is read. `folder`: of the files of a workload of reading. */
export async function startOurs(id, threads, options, { collect = false, folder } = {}) {
  const [script, last] = folder === undefined ? ['./ours/steps.mjs', options.engine ?? ''] : ['./ours/reading.mjs', folder];
  const child = fork(here(script), [id, String(threads), last], {
    stdio: ['ignore', 2, 'pipe', 'ipc'], // standard output is for the result
    env: ourEnvironment(options),
    execArgv: collect ? ['--expose-gc'] : [],
  });
  endWithUs(child);
  passOn(child.stderr);
  let settle = null;
  child.on('message', (message) => settle?.resolve(message));
  child.on('error', (error) => settle?.reject(error));
  child.on('exit', (status, signal) => settle?.reject(new Error(`our side of ${id} ended (${signal ?? `status ${status}`})`)));
  const answer = () =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
  const { ready } = await answer();
  return {
    about: ready,
    run(count) {
      const answered = answer();
      child.send({ count, collect });
      return answered;
    },
    stop: () => child.kill(),
  };
}

/** The python with PyTorch, or null with the reason. */
export function findPeer(python = process.env.EQUIMODAL_PYTHON || 'python3') {
  const probe = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  if (probe.status === 0) return { python, reason: `PyTorch ${probe.stdout.trim()}` };
  return { python: null, reason: `none, "${python}" has no torch (set EQUIMODAL_PYTHON to one that has); our figures stand alone` };
}

/** The peer's side; null, with the reason on standard error, where it lacks a package. `folder`: of the files of a workload of reading. */
export async function startPeer(python, id, threads, { folder } = {}) {
  const [name, last] = folder === undefined ? ['./peer/steps.py', String(BATCHES_IN_MEMORY)] : ['./peer/reading.py', folder];
  const script = [here(name), JSON.stringify(WORKLOADS[id]), String(threads), last];
  const child = spawn(python, ['-B', '-u', ...script], { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithUs(child);
  child.stdin.on('error', () => undefined); // it ended; the answer that does not come says so
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the peer's side of ${id} ended`);
    return JSON.parse(value);
  };
  const { ready, reason } = await answer();
  if (ready === null) {
    process.stderr.write(`the peer's side of ${id} cannot be measured: ${reason}\n`);
    return null;
  }
  return {
    about: ready,
    run(count) {
      child.stdin.write(`${JSON.stringify({ count })}\n`);
      return answer();
    },
    stop: () => child.kill(),
  };
}
