import {
  ConfigSource,
  EquimodalError,
  RandomStream,
  resolveExperiment,
  SignalBus,
  type Engine,
  type Host,
  type ModalityKind,
  type Tree,
} from '@equimodal/core';
import { axpyTree, disposeTree, normTree, openScope, subTree, valueAndGradients } from '@equimodal/nn';
import { toyDataset } from '@equimodal/testing';
import { buildModel, QueuedControls, readBatch, type Model } from '@equimodal/training';
import * as tf from '@tensorflow/tfjs-core';
import { SHAPES } from './small.js';

/** Numbers of modalities that every combination is tried with. */
export const COUNTS = [1, 2, 3, 6] as const;

/** A combination to try: an encoder for every modality, a fusion. */
export interface Combination {
  readonly encoder: { readonly use: string; readonly [option: string]: unknown };
  readonly fusion: { readonly use: string; readonly [option: string]: unknown };
  readonly kind: ModalityKind;
  readonly shape?: readonly number[];
  readonly count: number;
  /** False: build the model and go no further. */
  readonly train: boolean;
}

/** What came of it. */
export type Outcome = { readonly trains: true } | { readonly trains: false; readonly code: string; readonly reason: string };

/**
 * Tries a combination as an experiment would: refused when its configuration is read, or trained for some steps on a toy problem.
 *
 * @throws Error when it is accepted and does not learn.
 */
export async function tryCombination(host: Host, engine: Engine, combination: Combination): Promise<Outcome> {
  const { encoder, fusion, kind, count } = combination;
  const shape = combination.shape ?? SHAPES[kind];
  const names = Array.from({ length: count }, (_, i) => `modality${i + 1}`);
  const modalities = names.map((name) => ({ name, kind, shape }));
  const source = ConfigSource.of({
    dataset: { use: 'kit-toy', kind, shape, modalities: names },
    encoders: { default: encoder },
    recipes: [{ as: 'tried', fusion, losses: ['cross-entropy'] }],
  });
  let recipe;
  try {
    recipe = (await resolveExperiment(host, source)).recipes[0]!;
  } catch (error) {
    if (!(error instanceof EquimodalError)) throw error;
    return { trains: false, code: error.code, reason: error.problems[0]?.message ?? error.message };
  }
  const dataset = toyDataset(modalities, { size: 9 });
  const container = host.openRun({ signals: new SignalBus(), controls: new QueuedControls(), random: new RandomStream(5), engine });
  const model = buildModel(container, recipe, { modalities, classes: 3 });
  if (!combination.train) {
    await container.dispose();
    return { trains: true };
  }
  const { train } = dataset.splits;
  const batch = await readBatch(
    train,
    Int32Array.from({ length: train.size }, (_, i) => i),
    modalities,
  );
  const losses = learn(model, batch, 2);
  disposeTree(batch);
  await container.dispose();
  if (!losses.every(Number.isFinite) || !(losses.at(-1)! < losses[0]!)) throw new Error(`does not learn: losses ${losses.join(', ')}`);
  return { trains: true };
}

/**
 * Losses of some steps of gradient descent on one batch, the random numbers of every pass being the same: each step goes as far
 * along the gradient as lowers the loss, from a tenth of its length down; where nothing does, the loss stays.
 */
function learn(model: Model, { labels, ...rest }: Tree, steps: number): number[] {
  const inputs = subTree('inputs', rest);
  const variables = model.init(new RandomStream(5));
  let { params } = variables as { params: Tree };
  const { state } = variables;
  const lossOf = (at: Tree): tf.Tensor => {
    const { scope } = openScope({ params: at, state, training: true, key: tf.tensor1d([1, 2], 'int32') });
    const { logits } = model.fuse(scope, model.encode(scope, inputs));
    return model.losses[0]!.compute({ logits, labels: labels!, classes: 3 });
  };
  const numberOf = (at: Tree): number => tf.tidy(() => lossOf(at).dataSync()[0]!);
  const losses = [numberOf(params)];
  for (let step = 0; step < steps; step++) {
    const { value, gradients } = valueAndGradients(() => ({ value: lossOf(params), aux: {} }), params);
    const length = tf.tidy(() => normTree(gradients).dataSync()[0]!);
    for (let size = 0.1 / length; size > 1e-6 / length; size /= 4) {
      const next = tf.tidy(() => axpyTree(params, -size, gradients));
      const loss = numberOf(next);
      disposeTree(loss < losses.at(-1)! ? params : next);
      if (!(loss < losses.at(-1)!)) continue;
      params = next;
      losses.push(loss);
      break;
    }
    value.dispose();
    disposeTree(gradients);
  }
  disposeTree(params);
  disposeTree(state);
  return losses;
}
