/**
 * Throughput of the pool: 40 runs of the quickstart, two at a time against one at a time, and what the runner itself uses.
 *
 *     node tools/bench/throughput.mjs [--seeds 0..4] [--jobs 2] [--json]
 *
 * Every process has one thread, so that the pool is the only difference. The runner's share is processor time of its own process
 * against that of it and its workers; it holds on a busy machine too, the ratio of wall times does not.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { parseArgs } from 'node:util';
import { watchOthers } from './process-tree.mjs';
import { endWithUs, here } from './sides.mjs';

const ROWS = ['unimodal/image', 'unimodal-sum', 'concat', 'sum', 'affine', 'ogm-ge', 'lfm-h', 'lfm-lb'];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '0..4' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

/** Parent and processor time in ms of a process alone, without the children it has waited for. */
function stat(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuMs: 10 * (Number(fields[11]) + Number(fields[12])) };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Largest processor times seen of a process and of its children. */
function watchProcessorTime(pid) {
  const seen = new Map();
  const sample = () => {
    for (const entry of readdirSync('/proc')) {
      const found = /^\d+$/.test(entry) ? stat(entry) : undefined;
      if (found !== undefined && (Number(entry) === pid || found.parent === pid)) seen.set(Number(entry), found.cpuMs);
    }
  };
  const timer = setInterval(sample, 200);
  return {
    /** Of the runner and of all, in ms, until now. */
    now() {
      sample();
      return { runner: seen.get(pid) ?? 0, all: [...seen.values()].reduce((a, b) => a + b, 0) };
    },
    stop: () => clearInterval(timer),
  };
}

async function measure(jobs) {
  const out = mkdtempSync(join(tmpdir(), 'equimodal-throughput-'));
  const args = ['compare', here('../../experiments/quickstart.yaml'), '--recipes', ROWS.join(','), '--seeds', values.seeds];
  const started = performance.now();
  const others = watchOthers();
  const child = endWithUs(
    spawn(process.execPath, [here('../../packages/cli/bin/equimodal.js'), ...args, '--jobs', jobs, '--threads', '1', '--out', out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  const times = watchProcessorTime(child.pid);
  let [said, lastRun, used] = ['', 0, { runner: 0, all: 1 }];
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    // The report that follows the runs is not part of them.
    if (/^ *\d+\/\d+ {2}/m.test(text)) [lastRun, used] = [performance.now(), times.now()];
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  rmSync(out, { recursive: true, force: true });
  if (status !== 0) throw new Error(`compare ended with status ${status}:\n${said.slice(-2000)}`);
  const runs = (said.match(/^ *\d+\/\d+ {2}/gm) ?? []).length;
  times.stop();
  const busyOthers = others.stop();
  const { runner, all } = used;
  return {
    jobs: Number(jobs),
    runs,
    seconds: (lastRun - started) / 1000,
    runnerCpuMs: runner,
    allCpuMs: all,
    runnerShare: runner / all,
    busyOthers,
  };
}

const [one, several] = [await measure('1'), await measure(values.jobs)];
const ratio = one.seconds / several.seconds;
if (values.json) console.log(JSON.stringify({ cores: availableParallelism(), one, several, ratio }, null, 2));
else {
  for (const { jobs, runs, seconds, runnerShare, busyOthers } of [one, several]) {
    const noise = busyOthers === null ? '' : `, ${busyOthers.toFixed(1)} cores busy with others`;
    console.log(
      `${jobs} at a time: ${runs} runs in ${seconds.toFixed(1)} s, the runner used ${(100 * runnerShare).toFixed(2)} % of the processor time${noise}`,
    );
  }
  console.log(`throughput ${ratio.toFixed(2)}x that of one process`);
}
