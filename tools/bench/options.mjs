/** The command line of the benchmark. */
import { parseArgs } from 'node:util';
import { WORKLOADS } from './workloads.mjs';

export const USAGE = `npm run bench -- [options]

  --workloads W1,W3   which (default: all of ${Object.keys(WORKLOADS).join(', ')}; "none" with --soak)
  --threads 1,2       threads of both sides, one row each (default 1,2; a grid takes all cores)
  --rounds 5          how often the sides alternate
  --steps N           steps a round (default: what the workload says)
  --grids 1           how often a grid is run on each side
  --engine ID         native, wasm or cpu (default: the best usable one)
  --no-capture        our steps are not captured as graphs
  --soak N            memory check: N steps of one process, resident memory every 500
  --json              JSON on standard output
  --write             write what was run to docs/benchmarks.md (an ordinary run beside a peer, on a quiet machine, does so unasked)
  --no-write          write nothing
  --help

The peer is PyTorch in the python that EQUIMODAL_PYTHON names, else python3.`;

/** Arguments that make no sense; the command ends with status 2. */
export class UsageError extends Error {}

const DEFAULT_THREADS = '1,2';

function whole(text, name) {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`${name} must be a whole number, 1 or more; got "${text}"`);
  return Number(text);
}

function workloadIds(text, soak) {
  if (text === 'none') {
    if (soak === null) throw new UsageError('"--workloads none" leaves nothing to do without --soak');
    return [];
  }
  const ids = text.split(',');
  const unknown = ids.filter((id) => !Object.hasOwn(WORKLOADS, id));
  if (unknown.length > 0) throw new UsageError(`unknown workload ${unknown.join(', ')}; there are ${Object.keys(WORKLOADS).join(', ')}`);
  return [...new Set(ids)];
}

/**
 * Reads the arguments.
 *
 * `ordinary`: everything was run as it is by default, so the figures may replace the published ones.
 *
 * @throws UsageError
 */
export function parseOptions(args) {
  let flags;
  try {
    ({ values: flags } = parseArgs({
      args,
      options: {
        workloads: { type: 'string', default: Object.keys(WORKLOADS).join(',') },
        threads: { type: 'string', default: DEFAULT_THREADS },
        rounds: { type: 'string', default: '5' },
        steps: { type: 'string' },
        grids: { type: 'string', default: '1' },
        engine: { type: 'string' },
        'no-capture': { type: 'boolean', default: false },
        soak: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        'no-write': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error.message, { cause: error });
  }
  if (flags.write && flags['no-write']) throw new UsageError('--write and --no-write contradict each other');
  const soak = flags.soak === undefined ? null : whole(flags.soak, '--soak');
  const workloads = workloadIds(flags.workloads, soak);
  const capture = !flags['no-capture'];
  const engine = flags.engine ?? null;
  const steps = flags.steps === undefined ? null : whole(flags.steps, '--steps');
  const everything = Object.keys(WORKLOADS).every((id) => workloads.includes(id)) && flags.threads === DEFAULT_THREADS;
  return {
    workloads,
    threads: flags.threads.split(',').map((count) => whole(count, '--threads')),
    rounds: whole(flags.rounds, '--rounds'),
    steps,
    grids: whole(flags.grids, '--grids'),
    engine,
    capture,
    soak,
    json: flags.json,
    write: flags.write ? 'always' : flags['no-write'] ? 'never' : 'ordinary',
    ordinary: everything && capture && engine === null && steps === null,
    help: flags.help,
  };
}

/** Whether the figures go into the published page. A partial run never replaces it unasked, nor one without a peer or on a busy machine. */
export function publishes({ write, ordinary, json }, { peerFound, quiet }) {
  if (write !== 'ordinary') return write === 'always';
  return ordinary && !json && peerFound && quiet;
}
