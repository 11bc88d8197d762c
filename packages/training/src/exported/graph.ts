import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type ModalitySpec, type Tree } from '@equimodal/core';
import { graphModel } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { evaluationProgram } from '../evaluation/evaluate.js';
import { writeJson } from '../run/run-folder.js';
import { openModel, type OpenRequest } from './open.js';

/** Files of a model as a GraphModel. */
export interface ExportedGraph {
  readonly files: readonly string[];
  /** Size of the batches it takes, -1 for any. */
  readonly batch: number;
  /** Largest difference between its outputs and the model's, on random inputs. */
  readonly largestDifference: number;
}

/**
 * Writes the selected model of a run, or an exported one, as a TensorFlow.js GraphModel: `model.json` and `weights.bin`, which `tf.loadGraphModel` reads
 * without any of our packages. Inputs are called as the modalities; outputs `probabilities` [batch, classes] and, of each modality,
 * `probabilities/<modality>` and `features/<modality>`. What was written is run as a GraphModel beside the model before anything is saved.
 *
 * @param batchSize the size of its batches; default any
 * @throws as `Predictor.open`; EQM_ENGINE_UNAVAILABLE unless the engine is native; EQM_CONFIG_INCOMPATIBLE where a piece holds the size of its batch
 *   and none is given, or uses what a GraphModel cannot hold
 */
export async function exportGraph(
  dir: string,
  out: string,
  { batchSize, ...request }: OpenRequest & { readonly batchSize?: number },
): Promise<ExportedGraph> {
  const { stored, container, model } = await openModel(dir, request);
  try {
    const { params, state, description } = stored;
    const named = Object.fromEntries(
      model.modalities.flatMap((name) => [
        [`outputs/unimodal/${name}`, `probabilities/${plain(name)}`],
        [`outputs/features/${name}`, `features/${plain(name)}`],
      ]),
    );
    const { json, weights, batch, largestDifference } = graphModel({
      program: evaluationProgram(model),
      weights: { params, state },
      batch: (size) => randomBatch(description.modalities, size),
      inputs: Object.fromEntries(model.modalities.map((name) => [`inputs/${name}`, plain(name)])),
      outputs: { 'outputs/probabilities': 'probabilities', ...named },
      size: batchSize ?? null,
    });
    mkdirSync(out, { recursive: true });
    const files = { json: join(out, 'model.json'), weights: join(out, 'weights.bin') };
    writeFileSync(files.weights, weights);
    writeJson(files.json, json);
    return { files: Object.values(files), batch, largestDifference };
  } finally {
    stored.dispose();
    await container.dispose();
  }
}

/** A name that every reader of graphs takes. */
const plain = (name: string): string => name.replaceAll(/[^\w.-]/g, '_');

/** Normal numbers; of tokens ones and zeros, which every vocabulary has. */
function randomBatch(modalities: readonly ModalitySpec[], size: number): Tree {
  const random = new RandomStream(0).at('graph');
  return Object.fromEntries(
    modalities.map(({ name, kind, shape }) => {
      const own = random.at(name);
      const whole = [size, ...shape];
      const count = whole.reduce((a, b) => a * b, 1);
      const tensor =
        kind === 'tokens'
          ? tf.tensor(
              Int32Array.from({ length: count }, () => (own.uniform() < 0.5 ? 0 : 1)),
              whole,
              'int32',
            )
          : tf.tensor(
              Float32Array.from({ length: count }, () => own.normal()),
              whole,
            );
      return [`inputs/${name}`, tensor];
    }),
  );
}
