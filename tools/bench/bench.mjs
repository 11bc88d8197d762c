/** `npm run bench`: training steps and a whole grid beside PyTorch, alternating in one run. See README.md and `--help`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseOptions, publishes, USAGE, UsageError } from './options.mjs';
import { isNoisy, replaceSection, soakSection, tableSection, time } from './report.mjs';
import { watchOthers } from './process-tree.mjs';
import { findPeer, here } from './sides.mjs';
import { WORKLOADS } from './workloads.mjs';

const PAGE = here('../../docs/benchmarks.md');
const say = (text) => process.stderr.write(`${text}\n`);

function announce({ row: { id, threads, ours, peer, ratio, hypergradient } }) {
  const beside = peer === null ? 'no peer' : `${peer.name} ${time(peer.medianMs)}, ratio ${ratio}`;
  say(`${id}, ${threads} thread${threads === 1 ? '' : 's'}: ours ${time(ours.medianMs)}, ${beside}`);
  if (hypergradient === undefined) return;
  const steps = (side) => `${time(side.medianMs)} = ${side.steps} steps`;
  say(`  hypergradient: ours ${steps(hypergradient.ours)}${hypergradient.peer === null ? '' : `, peer ${steps(hypergradient.peer)}`}`);
}

/** Runs everything that was asked for, one after another; each row says how many cores others used meanwhile. */
async function measure(options, python) {
  const { measureGrid, measureReading, measureSoak, measureSteps } = await import('./measure.mjs');
  const measured = [];
  for (const id of options.workloads) {
    const { unit } = WORKLOADS[id];
    const measureOne = { step: measureSteps, batch: measureReading, grid: () => measureGrid(id, options, python) }[unit];
    for (const threads of unit === 'grid' ? [null] : options.threads) {
      const others = watchOthers();
      const one = await measureOne(id, threads, options, python);
      const cores = others.stop();
      measured.push({ ...one, row: { ...one.row, otherCores: cores === null ? null : Number(cores.toFixed(2)) } });
      announce(measured.at(-1));
    }
  }
  const soak = options.soak === null ? null : await measureSoak(options.soak, options);
  for (const { step, rssMb, tensors } of soak?.result.marks ?? []) say(`soak, step ${step}: ${rssMb} MB, ${tensors} tensors`);
  return { measured, soak };
}

/** The contract of `--json`; the tables are made from the same object. */
function resultOf({ measured, soak }, options, command) {
  const engines = [...measured.map(({ engine }) => engine), ...(soak === null ? [] : [soak.engine])];
  // Reading files needs no engine.
  const engine = engines.findLast(({ id }) => id !== 'none') ?? engines[0];
  return {
    engine,
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length },
    versions: { ours: engine.versions, peer: measured.at(-1)?.peer?.versions ?? null },
    capture: options.capture,
    command,
    workloads: measured.map(({ row }) => row),
    soak: soak?.result ?? null,
  };
}

function sectionsOf(result) {
  return {
    ...(result.workloads.length === 0 ? {} : { bench: tableSection(result) }),
    ...(result.soak === null ? {} : { soak: soakSection(result) }),
  };
}

async function publish(sections) {
  const { format, resolveConfig } = await import('prettier');
  const page = Object.entries(sections).reduce((text, [name, section]) => replaceSection(text, name, section), readFileSync(PAGE, 'utf8'));
  writeFileSync(PAGE, await format(page, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
  say(`wrote docs/benchmarks.md`);
}

async function main(args) {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (!existsSync(here('../../packages/cli/dist/index.js'))) throw new Error('the packages are not built: run `npm run build` first');
  const peer = findPeer();
  say(`peer: ${peer.reason}`);
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const result = resultOf(await measure(options, peer.python), options, command);
  const sections = sectionsOf(result);
  process.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : Object.values(sections).join('\n\n')}\n`);
  const found = { peerFound: peer.python !== null, quiet: !result.workloads.some(isNoisy) };
  if (publishes(options, found)) await publish(sections);
}

// An interruption takes the processes of both sides along.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

try {
  await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
