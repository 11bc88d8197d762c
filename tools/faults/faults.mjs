/** `npm run faults`: kills comparisons at random moments and looks whether anything was lost. See README.md. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { parseArgs } from 'node:util';
import { RandomStream } from '@equimodal/core';
import { outcomeOf } from './outcome.mjs';
import { compare, EXPERIMENT, round, TARGETS } from './round.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '2' },
    kills: { type: 'string', default: '3' },
    log: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, seed, jobs, most] = [values.rounds, values.seed, values.jobs, values.kills].map(Number);
const folder = mkdtempSync(join(tmpdir(), 'equimodal-faults-'));
const file = join(folder, 'faults.yaml');
writeFileSync(file, EXPERIMENT);

const began = performance.now();
const whole = compare(file, join(folder, 'undisturbed'), jobs);
let first;
const watch = setInterval(() => {
  if (first === undefined && Object.keys(outcomeOf(join(folder, 'undisturbed', 'faults'))).length > 0) first = performance.now() - began;
}, 50);
const { status, said } = await whole.ended;
clearInterval(watch);
if (status !== 0) throw new Error(`the undisturbed comparison ended with status ${status}:\n${said}`);
const window = { first, last: performance.now() - began };
const undisturbed = outcomeOf(join(folder, 'undisturbed', 'faults'));
console.log(`${Object.keys(undisturbed).length} runs undisturbed in ${(window.last / 1000).toFixed(1)} s; ${rounds} rounds, seed ${seed}`);

let [bad, struck] = [0, 0];
for (let i = 0; i < rounds; i++) {
  const stream = new RandomStream(seed, `faults/${i}`);
  const random = () => stream.uniform();
  const out = join(folder, `round-${i}`);
  const result = await round({ file, out, jobs, target: TARGETS[i % 3], window, most, undisturbed, random });
  const kills = result.kills.map(({ victims, wait, runs }) => {
    const found = Object.entries(runs).map(([state, count]) => `${count} ${state}`);
    return `${victims.join('+') || 'nothing'} at ${(wait / 1000).toFixed(1)} s (${found.join(', ') || 'no run yet'})`;
  });
  struck += result.kills.reduce((sum, { victims }) => sum + victims.length, 0);
  if (result.problems.length > 0) bad++;
  console.log(`${String(i + 1).padStart(3)}  ${kills.join('; ')}: ${result.problems.length === 0 ? 'equal' : 'DIFFERENT'}`);
  for (const problem of result.problems) console.log(`       ${problem}`);
  if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify({ round: i, ...result })}\n`);
  if (!values.keep && result.problems.length === 0) rmSync(out, { recursive: true, force: true });
}
console.log(
  `${rounds} rounds, ${struck} processes killed, ${bad} rounds with a difference${bad > 0 ? `; their folders are in ${folder}` : ''}`,
);
if (!values.keep && bad === 0) rmSync(folder, { recursive: true, force: true });
process.exitCode = bad === 0 ? 0 : 1;
