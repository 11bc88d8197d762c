import { EquimodalError, RandomStream, SignalBus, type Engine, type Host, type RunContainer } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import { QueuedControls } from '../controls/controls.js';
import { buildModel, type Model } from '../model/model.js';
import { checkShapes } from '../run/saved.js';
import { readModel, type StoredModel } from './described.js';

/** A trained model with its pieces. Dispose both `stored` and `container`. */
export interface OpenModel {
  readonly stored: StoredModel;
  readonly container: RunContainer;
  readonly model: Model;
}

/**
 * Builds the model of a run folder or an export again and reads its parameters.
 *
 * @throws EQM_RUN_MISSING, EQM_CHECKPOINT_CORRUPT, EQM_CHECKPOINT_MISMATCH if the weights do not fit the pieces,
 *   EQM_CONFIG_INCOMPATIBLE for a model with frozen encoders, whose weights no checkpoint holds.
 */
export async function openModel(dir: string, { host, engine }: { readonly host: Host; readonly engine: Engine }): Promise<OpenModel> {
  const stored = readModel(dir);
  const { recipe, modalities, classes, seed } = stored.description;
  const random = new RandomStream(seed);
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random, engine });
  try {
    const model = buildModel(container, recipe, { modalities, classes: classes.length });
    refuseFrozen(model, dir);
    const fresh = model.init(random.at('init'));
    try {
      checkShapes(stored.params, fresh.params, dir);
    } finally {
      disposeTree(fresh.params);
      disposeTree(fresh.state);
    }
    return { stored, container, model };
  } catch (error) {
    stored.dispose();
    await container.dispose();
    throw error;
  }
}

function refuseFrozen({ modalities, encoders }: Model, where: string): void {
  const frozen = modalities.find((name) => encoders[name]!.frozen !== undefined);
  if (frozen === undefined) return;
  throw new EquimodalError(
    'EQM_CONFIG_INCOMPATIBLE',
    `the encoder of modality "${frozen}" is frozen: its features were computed before training`,
    {
      where,
      fix: 'Score such a run with `equimodal evaluate`, which reads its data and weights.',
    },
  );
}
