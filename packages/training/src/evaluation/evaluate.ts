import type { Bundle, Engine, Metric, ModalitySpec, Program, Split, SplitMetrics, Tree } from '@equimodal/core';
import { disposeTree, openScope, prefixTree, softmax, subTree } from '@equimodal/nn';
import { batchRows, readPass } from '../data/batches.js';
import { SplitProgram } from '../data/split-program.js';
import type { Model } from '../model/model.js';
import { predicted } from './predicted.js';

/**
 * Evaluation as a pure program: `params`, `state`, `batch` -> `outputs` with `probabilities` [B, C],
 * `unimodal/<modality>` [B, C], `features/<modality>` [B, d] and `measures/<name>` [B]. The last `predict` hook sets the prediction.
 */
export function evaluationProgram(model: Model): Program {
  return {
    name: 'evaluate',
    run(inputs: Bundle): Bundle {
      const { scope } = openScope({ params: inputs['params']!, state: inputs['state']!, training: false });
      const features = model.encode(scope, subTree('inputs', inputs['batch']!));
      const { logits, unimodal: readOuts, measures } = predicted(model, scope, features);
      const unimodal = Object.fromEntries(Object.entries(readOuts).map(([name, own]) => [name, softmax(own)]));
      return {
        outputs: {
          probabilities: softmax(logits),
          ...prefixTree('unimodal', unimodal),
          ...prefixTree('features', features),
          ...prefixTree('measures', measures ?? {}),
        },
      };
    },
  };
}

/** Evaluation with the modalities of the batch only: `probabilities` [B, C]. */
export function partialProgram(model: Model): Program {
  return {
    name: 'evaluate with missing modalities',
    run(inputs: Bundle): Bundle {
      const { scope } = openScope({ params: inputs['params']!, state: inputs['state']!, training: false });
      return { outputs: { probabilities: softmax(model.fusePartly(scope, subTree('inputs', inputs['batch']!))) } };
    },
  };
}

/** The outputs of a model on a whole split, as plain arrays. With missing modalities only probabilities. */
export interface SplitOutputs {
  readonly size: number;
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
  readonly unimodal: Readonly<Record<string, Float32Array>>;
  readonly features: Readonly<Record<string, Float32Array>>;
  /** Numbers of each sample that the fusion measures, [size]. */
  readonly measures: Readonly<Record<string, Float32Array>>;
}

/** What an evaluator works with. */
export interface EvaluatorParts {
  readonly engine: Engine;
  readonly model: Model;
  readonly modalities: readonly ModalitySpec[];
  readonly metrics: readonly Metric[];
  readonly batchSize: number;
  /** How often a whole split will be scored in the run, about. Default: once. */
  readonly passes?: number;
  /** Modalities that are missing: their inputs are never read, and there are no figures of single modalities. */
  readonly without?: readonly string[];
  readonly onWarning?: (message: string) => void;
}

/** Scores splits with one compiled program. */
export class Evaluator {
  readonly #program: SplitProgram;
  readonly #present: readonly ModalitySpec[];

  constructor(readonly parts: EvaluatorParts) {
    const { model, without = [] } = parts;
    this.#present = parts.modalities.filter(({ name }) => !without.includes(name));
    const program = without.length === 0 ? evaluationProgram : partialProgram;
    this.#program = new SplitProgram({ passes: 1, ...parts, program: () => program(model) });
  }

  /** Runs the model over a split, in order. */
  async outputs(params: Tree, state: Tree, split: Split): Promise<SplitOutputs> {
    const { batchSize } = this.parts;
    const gather = new Gatherer(split.size);
    for await (const { rows, batch } of readPass(split, batchRows(split.size, batchSize), this.#present)) {
      try {
        const { outputs } = this.#program.for(rows.length, split.size)({ params, state, batch });
        for (const [name, tensor] of Object.entries(outputs!)) gather.add(name, tensor.dataSync() as Float32Array, rows.length);
        disposeTree(outputs!);
      } finally {
        disposeTree(batch);
      }
      gather.next(rows.length);
    }
    return {
      size: split.size,
      labels: split.labels,
      probabilities: gather.get('probabilities'),
      unimodal: gather.below('unimodal'),
      features: gather.below('features'),
      measures: gather.below('measures'),
    };
  }

  /** Every metric of an epoch on a split, with the mean cross entropy of the prediction as `loss`. */
  async score(params: Tree, state: Tree, split: Split): Promise<SplitMetrics> {
    return this.figures(await this.outputs(params, state, split));
  }

  /** The same of given outputs. */
  figures(outputs: SplitOutputs): SplitMetrics {
    const { size, labels } = outputs;
    const { classes, encoders } = this.parts.model;
    const modalities = Object.keys(outputs.unimodal);
    const figures: Record<string, number | null> = { loss: meanCrossEntropy(outputs.probabilities, labels, classes) };
    const perModality: Record<string, Record<string, number>> = Object.fromEntries(
      modalities.map((name) => [name, { loss: meanCrossEntropy(outputs.unimodal[name]!, labels, classes) }]),
    );
    for (const metric of this.parts.metrics) {
      if (metric.predictions !== undefined) {
        figures[metric.key] = metric.predictions({ size, classes, labels, probabilities: outputs.probabilities });
        for (const name of modalities) {
          perModality[name]![metric.key] = metric.predictions({ size, classes, labels, probabilities: outputs.unimodal[name]! });
        }
      }
      if (metric.features !== undefined && modalities.length > 0) {
        const featureSizes = Object.fromEntries(modalities.map((name) => [name, encoders[name]!.featureSize]));
        figures[metric.key] = metric.features({ size, features: outputs.features, featureSizes });
      }
    }
    for (const [name, values] of Object.entries(outputs.measures)) figures[name] ??= values.reduce((sum, value) => sum + value, 0) / size;
    return { ...figures, perModality };
  }

  dispose(): void {
    this.#program.dispose();
  }
}

/** Collects rows of named arrays batch by batch. */
class Gatherer {
  readonly #arrays = new Map<string, Float32Array>();
  #at = 0;

  constructor(private readonly size: number) {}

  add(name: string, values: Float32Array, rows: number): void {
    const width = values.length / rows;
    let array = this.#arrays.get(name);
    if (array === undefined) this.#arrays.set(name, (array = new Float32Array(this.size * width)));
    array.set(values, this.#at * width);
  }

  next(rows: number): void {
    this.#at += rows;
  }

  get(name: string): Float32Array {
    return this.#arrays.get(name) ?? new Float32Array(0);
  }

  /** The arrays `<part>/<name>`, by name. */
  below(part: string): Record<string, Float32Array> {
    const own = [...this.#arrays].filter(([name]) => name.startsWith(`${part}/`));
    return Object.fromEntries(own.map(([name, array]) => [name.slice(part.length + 1), array]));
  }
}

function meanCrossEntropy(probabilities: Float32Array, labels: Int32Array, classes: number): number {
  let sum = 0;
  for (const [row, label] of labels.entries()) sum -= Math.log(Math.max(probabilities[row * classes + label]!, 1e-12));
  return sum / labels.length;
}
