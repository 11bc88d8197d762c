import { EquimodalError, messageOf, suggestion, type Engine, type EngineContext, type EngineProvider } from '@equimodal/core';
import { cpuProvider } from '../providers/cpu/cpu.js';
import { nativeProvider } from '../providers/native/native.js';
import { wasmProvider } from '../providers/wasm/wasm.js';

/** A provider under its id. */
export interface EngineEntry {
  readonly id: string;
  readonly provider: EngineProvider;
}

/** What is known of a provider: usable here, and why or why not. */
export interface EngineCandidate {
  readonly id: string;
  readonly usable: boolean;
  readonly reason: string;
}

export interface SelectOptions {
  /** Id of the engine to use and no other. Default: EQUIMODAL_ENGINE; without it, the first usable. */
  readonly requested?: string;
  readonly debug?: boolean;
  readonly threads?: number;
  /** False: never capture programs (`--no-capture`). */
  readonly capture?: boolean;
  /** In order of preference. Default: native, wasm, cpu. */
  readonly providers?: readonly EngineEntry[];
}

export interface Selection {
  readonly engine: Engine;
  readonly candidates: readonly EngineCandidate[];
  /** Why this engine, in one sentence. */
  readonly reason: string;
}

/** The three engines of this package, fastest first. */
export function engineProviders(context: EngineContext): EngineEntry[] {
  return [
    { id: 'native', provider: nativeProvider(context) },
    { id: 'wasm', provider: wasmProvider(context) },
    { id: 'cpu', provider: cpuProvider(context) },
  ];
}

/** Asks every provider whether it could be used, without starting any. */
export async function probeEngines(providers: readonly EngineEntry[]): Promise<EngineCandidate[]> {
  return Promise.all(
    providers.map(async ({ id, provider }) => {
      try {
        return { id, ...(await provider.probe()) };
      } catch (error) {
        return { id, usable: false, reason: `probe failed: ${messageOf(error)}` };
      }
    }),
  );
}

function describe(candidates: readonly EngineCandidate[]): string {
  return candidates.map(({ id, reason }) => `${id}: ${reason}`).join('; ');
}

/**
 * Chooses and starts an engine. An engine that was asked for by name is used or refused; otherwise
 * the first usable one is taken, and one that fails to start is noted and passed over.
 *
 * @throws EquimodalError EQM_ENGINE_UNAVAILABLE when the requested engine cannot be used, or none can.
 */
export async function selectEngine(options: SelectOptions = {}): Promise<Selection> {
  const context: EngineContext = {
    debug: options.debug ?? false,
    threads: options.threads,
    ...(options.capture === undefined ? {} : { capture: options.capture }),
  };
  const providers = options.providers ?? engineProviders(context);
  const requested = options.requested ?? (process.env['EQUIMODAL_ENGINE'] || undefined);
  const candidates = await probeEngines(providers);

  if (requested !== undefined) {
    const index = providers.findIndex(({ id }) => id === requested);
    if (index < 0) {
      const ids = providers.map(({ id }) => id);
      throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `there is no engine "${requested}": ${suggestion(requested, ids)}`, {
        where: 'engine',
        fix: `Choose one of ${ids.join(', ')}.`,
      });
    }
    const { usable, reason } = candidates[index]!;
    if (!usable)
      throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `engine ${requested} cannot be used: ${reason}`, {
        where: 'engine',
      });
    try {
      return {
        engine: await providers[index]!.provider.start(),
        candidates,
        reason: `${requested} was asked for`,
      };
    } catch (error) {
      throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `engine ${requested} did not start: ${messageOf(error)}`, {
        where: 'engine',
        cause: error,
      });
    }
  }

  for (const [index, { id, provider }] of providers.entries()) {
    if (!candidates[index]!.usable) continue;
    try {
      const engine = await provider.start();
      const passed = candidates.slice(0, index);
      const because = passed.length === 0 ? candidates[index]!.reason : describe(passed);
      return {
        engine,
        candidates,
        reason: passed.length === 0 ? `${id}: ${because}` : `${id}, because ${because}`,
      };
    } catch (error) {
      candidates[index] = { id, usable: false, reason: `did not start: ${messageOf(error)}` };
    }
  }
  throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `no engine can be used: ${describe(candidates)}`, {
    where: 'engine',
  });
}
