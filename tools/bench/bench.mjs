/**
 * `npm run bench`: one training step beside PyTorch's, alternating A B A B, one and two threads, medians and ratios.
 * Options: --workloads W1,W3  --threads 1,2  --rounds 5  --steps 20  --engine ID  --json
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findPeer, startOurs, startPeer } from './sides.mjs';
import { WORKLOADS } from './workloads.mjs';

const { values: flags } = parseArgs({
  options: {
    workloads: { type: 'string', default: Object.keys(WORKLOADS).join(',') },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20' },
    engine: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
const rounded = (value, digits = 2) => Number(value.toFixed(digits));

const ids = flags.workloads.split(',');
const unknown = ids.filter((id) => !(id in WORKLOADS));
if (unknown.length > 0) {
  say(`unknown workload ${unknown.join(', ')}; there are ${Object.keys(WORKLOADS).join(', ')}`);
  process.exit(2);
}
const peer = findPeer();
say(`peer: ${peer.reason}`);
let engine = null;
const workloads = [];
for (const id of ids) {
  for (const threads of flags.threads.split(',').map(Number)) {
    const ours = await startOurs(id, threads, flags.engine);
    const theirs = peer.python === null ? null : await startPeer(peer.python, id, threads);
    engine = ours.about;
    const [a, b] = [[], []];
    const peak = { ours: 0, peer: 0 };
    for (let round = 0; round < Number(flags.rounds); round++) {
      const mine = await ours.run(Number(flags.steps));
      a.push(...mine.times);
      peak.ours = mine.peakMb;
      if (theirs === null) continue;
      const other = await theirs.run(Number(flags.steps));
      b.push(...other.times);
      peak.peer = other.peakMb;
    }
    ours.stop();
    theirs?.stop();
    const row = {
      id,
      threads,
      ours: { medianMs: rounded(median(a)), peakMb: rounded(peak.ours, 0) },
      peer: theirs === null ? null : { name: theirs.about, medianMs: rounded(median(b)), peakMb: rounded(peak.peer, 0) },
      ratio: theirs === null ? null : rounded(median(a) / median(b)),
    };
    workloads.push(row);
    say(
      `${id}, ${threads} thread${threads === 1 ? '' : 's'}: ours ${row.ours.medianMs} ms, ${row.peer === null ? 'no peer' : `${row.peer.name} ${row.peer.medianMs} ms, ratio ${row.ratio}`}`,
    );
  }
}
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
if (flags.json) {
  process.stdout.write(`${JSON.stringify({ engine, machine, workloads }, null, 2)}\n`);
} else {
  const rows = workloads.map(
    ({ id, threads, ours, peer: other, ratio }) =>
      `| ${id} | ${threads} | ${ours.medianMs} | ${ours.peakMb} | ${other?.medianMs ?? '-'} | ${other?.peakMb ?? '-'} | ${ratio ?? '-'} |`,
  );
  const about = ids.map((id) => `- ${id}: ${WORKLOADS[id].description}; batch ${WORKLOADS[id].batch}`);
  process.stdout.write(
    [
      `engine ${engine.id}, ${machine.cores} x ${machine.cpu}, node ${machine.node}`,
      ...about,
      '',
      '| workload | threads | ours, ms | peak MB | peer, ms | peak MB | ratio |',
      '|---|---|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n'),
  );
}
