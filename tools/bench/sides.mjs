/** The two sides of a benchmark as processes that run steps on request. */
import { fork, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WORKLOADS } from './workloads.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Our side. */
export async function startOurs(id, threads, engine) {
  const child = fork(here('./ours.mjs'), [id, String(threads), ...(engine ? [engine] : [])], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (status) => reject(new Error(`our side ended with status ${status}`)));
    });
  const { ready } = await answer();
  return {
    about: ready,
    run(count) {
      const answered = answer();
      child.send({ count });
      return answered;
    },
    stop: () => child.kill(),
  };
}

/** The python with PyTorch, or null with the reason. */
export function findPeer() {
  const python = process.env.EQUIMODAL_PYTHON || 'python3';
  const probe = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  if (probe.status === 0) return { python, reason: `PyTorch ${probe.stdout.trim()}` };
  return { python: null, reason: `"${python}" has no torch (set EQUIMODAL_PYTHON to one that has)` };
}

/** The peer's side. */
export async function startPeer(python, id, threads) {
  const child = spawn(python, [here('./peer.py'), JSON.stringify(WORKLOADS[id]), String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the peer ended');
    return JSON.parse(value);
  };
  const { ready } = await answer();
  return {
    about: ready,
    run(count) {
      child.stdin.write(`${JSON.stringify({ count })}\n`);
      return answer();
    },
    stop: () => child.kill(),
  };
}
