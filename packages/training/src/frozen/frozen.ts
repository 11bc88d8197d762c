import * as tf from '@tensorflow/tfjs-core';
import type { Encoder, Engine, Host, LoadedDataset, ModalitySpec, Program, RandomStream, RecipeConfig, Split, Tree } from '@equimodal/core';
import { disposeTree, openScope } from '@equimodal/nn';
import { batchRows, readBatch } from '../data/batches.js';
import { SplitProgram } from '../data/split-program.js';
import { pretrainedOf, type WeightPlaces } from '../weights/places.js';
import { loadPretrained, type PretrainedReport } from '../weights/pretrained.js';
import { featureFile, hashVariables, keepFeatures, readFeatures } from './cache.js';
import { PrecomputedEncoder, withFeatures, type FeatureTables } from './precomputed.js';
import { isAugmented } from './random-use.js';

/** How the features of a frozen encoder came about; `frozen` in run.json. */
export interface FrozenReport {
  readonly modality: string;
  readonly encoder: string;
  readonly features: 'computed' | 'cache';
  /** Where they are kept; null if they are not. */
  readonly file: string | null;
  readonly samples: number;
  readonly seconds: number;
}

export interface FreezeRequest {
  readonly host: Host;
  readonly engine: Engine;
  readonly recipe: RecipeConfig;
  readonly dataset: LoadedDataset;
  readonly places: WeightPlaces;
  readonly encoders: Readonly<Record<string, Encoder>>;
  /** The stream that a model draws its variables from. */
  readonly random: RandomStream;
}

/** A row with the features of its frozen encoders in the place of their input. */
export interface Freezing {
  readonly dataset: LoadedDataset;
  readonly encoders: Readonly<Record<string, Encoder>>;
  readonly frozen: readonly FrozenReport[];
  readonly pretrained: readonly PretrainedReport[];
  readonly warnings: readonly string[];
}

/**
 * Computes the features of every frozen encoder of a row once per sample, or takes them from the cache, so that no step sees the
 * encoder. A modality whose training values are random is left alone, with a warning: its encoder is then applied in every step.
 */
export async function freeze(request: FreezeRequest): Promise<Freezing> {
  const { recipe, dataset, encoders } = request;
  const tables: Record<string, FeatureTables> = {};
  const frozen: FrozenReport[] = [];
  const pretrained: PretrainedReport[] = [];
  const warnings: string[] = [];
  for (const modality of recipe.modalities) {
    if (encoders[modality]!.frozen === undefined) continue;
    const spec = dataset.modalities.find(({ name }) => name === modality)!;
    if (await isAugmented(dataset, spec)) {
      warnings.push(
        `modality "${modality}": its frozen encoder is applied in every step and nothing is kept, because reading training rows draws random numbers (augmentation)`,
      );
      continue;
    }
    const one = await freezeOne(request, spec, warnings);
    tables[modality] = one.tables;
    frozen.push(one.report);
    pretrained.push(...one.pretrained);
  }
  if (frozen.length === 0) return { dataset, encoders, frozen, pretrained, warnings };
  const stand = Object.entries(tables).map(([name, table]) => [name, new PrecomputedEncoder(table)]);
  return {
    dataset: withFeatures(dataset, tables, recipe.modalities),
    encoders: { ...encoders, ...(Object.fromEntries(stand) as Record<string, Encoder>) },
    ...{ frozen, pretrained, warnings },
  };
}

async function freezeOne(
  request: FreezeRequest,
  spec: ModalitySpec,
  warnings: string[],
): Promise<{ readonly tables: FeatureTables; readonly report: FrozenReport; readonly pretrained: readonly PretrainedReport[] }> {
  const { host, recipe, dataset, places, encoders, random } = request;
  const started = performance.now();
  const modality = spec.name;
  const choice = recipe.encoders[modality]!;
  const encoder = encoders[modality]!;
  const weights = pretrainedOf(host, choice);
  let variables = encoder.init(random.at(`encoders/${modality}`));
  const pretrained: PretrainedReport[] = [];
  try {
    if (weights !== undefined) {
      const loaded = loadPretrained({ modality, use: choice.use, encoder, pretrained: weights }, variables, places);
      variables = loaded.variables;
      pretrained.push(loaded.report);
    }
    const splits = Object.fromEntries(
      Object.entries(dataset.splits).flatMap(([name, split]: [string, Split | undefined]) => (split === undefined ? [] : [[name, split]])),
    );
    const sizes = Object.fromEntries(Object.entries(splits).map(([name, { size }]) => [name, size]));
    const about = describe(request, spec, sizes, hashVariables(variables.state));
    const file = encoder.frozen?.cache === true ? featureFile(about) : null;
    const kept = file === null ? null : readFeatures(file, sizes, encoder.featureSize);
    const report = (features: FrozenReport['features'], at: string | null): FrozenReport => ({
      ...{ modality, encoder: choice.use, features, file: at },
      samples: Object.values(sizes).reduce((a, b) => a + b, 0),
      seconds: (performance.now() - started) / 1000,
    });
    if (kept !== null && !('damaged' in kept)) return { tables: kept, report: report('cache', file), pretrained };
    if (kept !== null)
      warnings.push(`the kept features of modality "${modality}" are computed again: ${file} is damaged (${kept.damaged})`);
    const tables = await computeFeatures(request, spec, variables.state, splits, (message) => warnings.push(message));
    const failed = file === null ? undefined : keepFeatures(file, tables, about);
    if (failed !== undefined) warnings.push(`the features of modality "${modality}" could not be kept in ${file}: ${failed}`);
    return { tables, report: report('computed', failed === undefined ? file : null), pretrained };
  } finally {
    disposeTree(variables.params);
    disposeTree(variables.state);
  }
}

/** Everything that features depend on: what does not change them is left out. */
function describe({ host, engine, recipe, dataset }: FreezeRequest, spec: ModalitySpec, sizes: object, weights: string): unknown {
  const { cache: _cache, ...choice } = recipe.encoders[spec.name]!;
  const plugin = host.plugins.map(({ name, version }) => [name, version ?? null] as const);
  const provider = host.pieces('encoder').find(({ piece }) => piece.id === choice.use)?.plugin;
  return {
    format: 1,
    data: { fingerprint: dataset.fingerprint, modality: { name: spec.name, kind: spec.kind, shape: spec.shape }, sizes },
    // The weights say what a file would.
    encoder: JSON.parse(JSON.stringify(choice, (key, value: unknown) => (key === 'pretrained' ? undefined : value))) as unknown,
    provider: plugin.find(([name]) => name === provider) ?? null,
    weights,
    engine: { id: engine.id, gpu: engine.gpu, versions: engine.versions },
  };
}

/** `state`, `batch` -> `outputs.features` [B, featureSize], in evaluation. */
function featureProgram(encoder: Encoder, modality: string): Program {
  return {
    name: 'frozen-features',
    run({ state, batch }) {
      const { scope } = openScope({ params: {}, state: state!, training: false });
      return { outputs: { features: encoder.apply(scope, batch![`inputs/${modality}`]!).features } };
    },
  };
}

async function computeFeatures(
  { engine, recipe, encoders }: FreezeRequest,
  spec: ModalitySpec,
  state: Tree,
  splits: Readonly<Record<string, Split>>,
  onWarning: (message: string) => void,
): Promise<FeatureTables> {
  const encoder = encoders[spec.name]!;
  const { featureSize } = encoder;
  const batchSize = recipe.training.evaluationBatchSize;
  const program = featureProgram(encoder, spec.name);
  const compiled = new SplitProgram({ engine, batchSize, passes: 1, program: () => program, onWarning });
  const run = (batch: Tree, rows: number, size: number): Float32Array => {
    const { outputs } = compiled.for(rows, size)({ state, batch });
    const values = outputs!['features']!.dataSync() as Float32Array;
    disposeTree(outputs!);
    return values;
  };
  try {
    const all: Record<string, Float32Array> = {};
    for (const [name, split] of Object.entries(splits)) {
      const table = new Float32Array(split.size * featureSize);
      for (const rows of batchRows(split.size, batchSize)) {
        const batch = await readBatch(split, rows, [spec]);
        try {
          table.set(run(batch, rows.length, split.size), rows[0]! * featureSize);
        } finally {
          disposeTree(batch);
        }
      }
      all[name] = table;
    }
    return { featureSize, splits: all, absent: await featuresOfNothing(program, state, splits, spec) };
  } finally {
    compiled.dispose();
  }
}

/** Features of one input of zeros, of the type that the dataset gives. */
async function featuresOfNothing(
  program: Program,
  state: Tree,
  splits: Readonly<Record<string, Split>>,
  spec: ModalitySpec,
): Promise<Float32Array> {
  const batch = await readBatch(splits['train']!, Int32Array.of(0), [spec]);
  try {
    return tf.tidy(() => {
      const input = `inputs/${spec.name}`;
      const { outputs } = program.run({ state, batch: { [input]: tf.zerosLike(batch[input]!) } });
      return outputs!['features']!.dataSync().slice() as Float32Array;
    });
  } finally {
    disposeTree(batch);
  }
}
