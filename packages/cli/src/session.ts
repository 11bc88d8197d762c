import { join } from 'node:path';
import {
  type DataProgress,
  ConfigSource,
  EquimodalError,
  resolveExperiment,
  suggestion,
  type Engine,
  type Experiment,
  type Host,
  type LoadedDataset,
} from '@equimodal/core';
import { loadDataset, type JobSetting } from '@equimodal/comparison';
import { engineProviders, probeEngines, selectEngine, type EngineEntry } from '@equimodal/engine';
import { locateWeights, pretrainedOf } from '@equimodal/training';
import { builtInHost } from './host.js';
import { VERSION } from './version.js';
import { dataRootOf, type CommonFlags } from './options.js';
import { note } from './output/print.js';

/** A checked experiment and the host it was checked with. */
export interface Session {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly experimentDir: string;
}

/** Reads and checks an experiment file; nothing else is loaded yet. */
export async function openSession(file: string, flags: CommonFlags): Promise<Session> {
  const host = builtInHost();
  const source = ConfigSource.read(file, flags.set, flags.on);
  const experiment = await resolveExperiment(host, source, {
    ...(flags.recipes === undefined ? {} : { recipes: flags.recipes }),
    ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
  });
  const places = { baseDir: experiment.baseDir, dataRoot: dataRootOf(flags) };
  for (const { encoders } of experiment.recipes) {
    for (const choice of Object.values(encoders)) {
      const pretrained = pretrainedOf(host, choice);
      if (pretrained !== undefined) locateWeights(pretrained.file, places);
    }
  }
  return { host, experiment, experimentDir: join(flags.out, experiment.name) };
}

interface EngineFlags {
  readonly engine?: string;
  readonly debug?: boolean;
  readonly threads?: number;
  readonly capture?: boolean;
}

/** Absent unless it was turned off, so that the environment has its say. */
const captureOf = (flags: EngineFlags): { readonly capture?: false } => (flags.capture === false ? { capture: false } : {});

/** The engines that the loaded plugins provide: the built-in ones first, in their order of preference. */
function enginesOf(host: Host, flags: EngineFlags): EngineEntry[] {
  const context = { debug: flags.debug === true, threads: flags.threads, ...captureOf(flags) };
  const builtIn = engineProviders(context);
  const others = host.ids('engine').filter((id) => !builtIn.some((entry) => entry.id === id));
  return [...builtIn, ...others.map((id) => ({ id, provider: host.create('engine', { use: id, options: {} }, context) }))];
}

/** Starts the engine the flags ask for, or the best usable one. */
export async function startEngine(host: Host, flags: EngineFlags): Promise<Engine> {
  const { engine } = await selectEngine({
    providers: enginesOf(host, flags),
    debug: flags.debug === true,
    ...(flags.engine === undefined ? {} : { requested: flags.engine }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...captureOf(flags),
  });
  return engine;
}

/** The engine that worker processes will start, without starting it here. */
export async function expectedEngine(host: Host, flags: EngineFlags): Promise<{ readonly id: string; readonly reason: string }> {
  const candidates = await probeEngines(enginesOf(host, flags));
  const requested = flags.engine ?? (process.env['EQUIMODAL_ENGINE'] || undefined);
  const chosen = requested === undefined ? candidates.find(({ usable }) => usable) : candidates.find(({ id }) => id === requested);
  if (requested !== undefined && chosen?.usable !== true) {
    const why =
      chosen === undefined
        ? suggestion(
            requested,
            candidates.map(({ id }) => id),
          )
        : chosen.reason;
    throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', `engine "${requested}" cannot be used: ${why}`, { where: 'engine' });
  }
  if (chosen === undefined) throw new EquimodalError('EQM_ENGINE_UNAVAILABLE', 'no engine can be used', { where: 'engine' });
  return { id: chosen.id, reason: requested === undefined ? chosen.reason : 'asked for' };
}

/** Everything a run needs: engine started, data loaded. */
export async function prepareJobs(session: Session, flags: CommonFlags): Promise<JobSetting & { readonly dataset: LoadedDataset }> {
  const engine = await startEngine(session.host, flags);
  const dataset = await loadDataset(session.host, session.experiment, dataRootOf(flags), tenths());
  return {
    ...session,
    engine,
    dataset,
    dataRoot: dataRootOf(flags),
    version: VERSION,
    resume: flags.resume === true || flags.retryFailed === true,
    retryFailed: flags.retryFailed === true,
    debug: flags.debug === true,
  };
}

/** Notes how far a preparation of data is, at every tenth of it. */
function tenths(): (progress: DataProgress) => void {
  let last = 0;
  return ({ task, done, total }) => {
    const tenth = Math.floor((10 * done) / total);
    if (tenth > last) note(`${task}: ${10 * tenth}%`);
    last = tenth;
  };
}
