import { RandomStream, SignalBus, type Engine, type Host, type RunContainer } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { QueuedControls } from '../controls/controls.js';
import { buildModel, type Model } from '../model/model.js';
import { checkShapes } from '../run/saved.js';
import { readModel, storedModel, type StoredModel } from './described.js';
import { frozenState } from './frozen-state.js';

/** A trained model with its pieces. Dispose both `stored` and `container`. */
export interface OpenModel {
  readonly stored: StoredModel;
  readonly container: RunContainer;
  readonly model: Model;
}

/** What a trained model is opened with. */
export interface OpenRequest {
  /** With the plugins that the model's pieces come from. */
  readonly host: Host;
  readonly engine: Engine;
  /** Where weight files of frozen encoders are looked for, beside the folder of the experiment. An export holds them itself. */
  readonly dataRoot?: string | undefined;
}

/**
 * Builds the model of a run folder or an export again and reads its parameters.
 *
 * @throws EQM_RUN_MISSING, EQM_CHECKPOINT_CORRUPT, EQM_CHECKPOINT_MISMATCH if the weights do not fit the pieces,
 *   EQM_WEIGHTS_MISSING and EQM_WEIGHTS_MISMATCH for the weight file of a frozen encoder of a run.
 */
export async function openModel(dir: string, { host, engine, dataRoot }: OpenRequest): Promise<OpenModel> {
  const read = readModel(dir);
  const { recipe, modalities, classes, seed, experiment } = read.description;
  const random = new RandomStream(seed);
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random, engine });
  try {
    const model = buildModel(container, recipe, { modalities, classes: classes.length });
    const fresh = model.init(random.at('init'));
    try {
      checkShapes(read.params, fresh.params, dir);
      const places = { baseDir: experiment.baseDir, dataRoot };
      const state = { ...read.state, ...frozenState({ host, recipe, model, places }, read.state, fresh.state) };
      return { stored: storedModel(read.description, read.params, state), container, model };
    } finally {
      disposeTree(fresh.params);
      disposeTree(fresh.state);
    }
  } catch (error) {
    read.dispose();
    await container.dispose();
    throw error;
  }
}
