import { arch, availableParallelism, platform, release } from 'node:os';
import { cacheFolder, type NativeInfo } from '@equimodal/core';
import { requestedThreads } from '../process/environment.js';
import { selectEngine, type EngineCandidate, type SelectOptions } from '../select/select.js';

/** The state of the engines here, as data: `equimodal doctor --json` prints it. */
export interface Diagnosis {
  readonly engine: {
    readonly id: string;
    readonly backend: string;
    readonly gpu: boolean;
    readonly native: NativeInfo | null;
    /** Steps are captured once and replayed as graphs. */
    readonly capture: boolean;
  };
  /** Why this engine. */
  readonly reason: string;
  readonly candidates: readonly EngineCandidate[];
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: {
    /** Threads the engine uses. */
    readonly engine: number;
    /** Asked for by option or EQUIMODAL_THREADS. */
    readonly requested: number | null;
    /** Processors this process may use. */
    readonly available: number;
  };
  readonly node: string;
  readonly platform: string;
  /** Folder of what was linked. */
  readonly cache: string;
}

/**
 * Starts the engine that a run would use and says what it is and why.
 *
 * @throws EquimodalError EQM_ENGINE_UNAVAILABLE as {@link selectEngine}.
 */
export async function diagnose(options: SelectOptions = {}): Promise<Diagnosis> {
  const { engine, candidates, reason } = await selectEngine(options);
  return {
    engine: { id: engine.id, backend: engine.backend, gpu: engine.gpu, native: engine.native, capture: engine.capture },
    reason,
    candidates,
    versions: engine.versions,
    threads: {
      engine: engine.threads,
      requested: requestedThreads(options.threads) ?? null,
      available: availableParallelism(),
    },
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cache: cacheFolder(),
  };
}

/** The diagnosis as text for a terminal. */
export function formatDoctor(diagnosis: Diagnosis): string {
  const { engine, threads } = diagnosis;
  const rows: [string, string][] = [
    ['engine', `${engine.id} (TensorFlow.js backend ${engine.backend})`],
    ['why', diagnosis.reason],
    ['device', engine.gpu ? 'GPU' : 'CPU'],
    ['steps', engine.capture ? 'captured once, replayed as graphs' : 'run eagerly'],
    ...(engine.native === null
      ? []
      : ([['native', `TensorFlow ${engine.native.tensorflow}, ${engine.native.origin}, ${engine.native.addon}`]] as [string, string][])),
    ['threads', `${threads.engine} of ${threads.available}${threads.requested === null ? '' : ` (asked for ${threads.requested})`}`],
    [
      'versions',
      Object.entries(diagnosis.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ['platform', `${diagnosis.platform}, Node ${diagnosis.node}`],
    ['cache', diagnosis.cache],
  ];
  const width = Math.max(...rows.map(([name]) => name.length), ...diagnosis.candidates.map(({ id }) => id.length + 4));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  lines.push('candidates');
  for (const { id, usable, reason } of diagnosis.candidates) {
    lines.push(`  ${`${usable ? '+' : '-'} ${id}`.padEnd(width - 2)}  ${reason}`);
  }
  return lines.join('\n');
}
