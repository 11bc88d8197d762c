import type { Engine } from '@equimodal/core';
import { engineProviders, probeEngines, selectEngine } from '../select/select.js';

let current: { readonly requested: string | undefined; readonly engine: Promise<Engine> } | undefined;

/**
 * An engine for a test file: the one with that id, else EQUIMODAL_ENGINE, else the best usable one.
 * Started once per process; asking for another id switches TensorFlow.js to it.
 *
 * @throws EquimodalError EQM_ENGINE_UNAVAILABLE when the engine asked for cannot be used here.
 *
 * @example
 * beforeAll(async () => { await startTestEngine('cpu'); });
 */
export function startTestEngine(id?: string): Promise<Engine> {
  const requested = id ?? (process.env['EQUIMODAL_ENGINE'] || undefined);
  if (current === undefined || current.requested !== requested) {
    const engine = selectEngine(requested === undefined ? {} : { requested }).then((selection) => selection.engine);
    current = { requested, engine };
  }
  return current.engine;
}

/** Ids of the engines that can be used here, fastest first, for tests that run on each. */
export async function usableTestEngines(): Promise<string[]> {
  const candidates = await probeEngines(engineProviders({ debug: false, threads: undefined }));
  return candidates.filter(({ usable }) => usable).map(({ id }) => id);
}
