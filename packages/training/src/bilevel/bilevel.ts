import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BilevelProblem, Bundle, CompiledProgram, Engine, LossTerm, Program, Tree } from '@equimodal/core';
import { disposeTree, dotTrees, hessianVectorProduct, openScope, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { partOf } from '../step/flat.js';
import { packedProgram, type TreePacking } from '../step/packing.js';
import { objectiveTerms, totalOf } from '../step/objective.js';

/** Parts of the objective that are differentiated. */
type Part = 'classification' | 'alignment' | 'total';

/**
 * Gradients of parts of the objective as a pure program: `params`, `state`, `batch`, `controls.alpha`
 * -> a tree of gradients by part, and `losses` by part. Batch norm uses batch statistics, running
 * statistics stay, dropout is off.
 */
function gradientProgram(model: Model, parts: readonly Part[]): Program {
  return {
    name: `gradient of ${parts.join(' and ')}`,
    run(inputs: Bundle): Bundle {
      const params = inputs['params']!;
      const batch = inputs['batch']!;
      const outputs: Record<string, Tree> = {};
      const losses: Record<string, Tensor> = {};
      for (const part of parts) {
        const { value, gradients } = valueAndGradients(() => {
          // Training mode for the batch statistics; the new running statistics are dropped.
          const { scope } = openScope({ params, state: inputs['state']!, training: true, key: NO_KEY() });
          const features = model.encode(scope, partOf(batch, 'inputs'));
          const fused = model.fuse(scope, features);
          const terms = objectiveTerms({ model, scope, features, fused, labels: batch['labels']! });
          return { value: partialObjective(terms, part, inputs['controls']!['alpha']!), aux: {} };
        }, params);
        outputs[part] = gradients;
        losses[part] = value;
      }
      return { ...outputs, losses };
    },
  };
}

const NO_KEY = (): Tensor => tf.tensor1d([0, 0], 'int32');

function partialObjective(terms: readonly LossTerm[], part: Part, alpha: Tensor): Tensor {
  if (part === 'total') return totalOf(terms, { alpha, lossWeights: {} });
  return totalOf(
    terms.filter((term) => term.kind === part),
    { alpha: undefined, lossWeights: {} },
  );
}

/** Where gradients are taken. */
interface Point {
  readonly params: Tree;
  readonly state: Tree;
  readonly batch: Tree;
  readonly alpha?: number;
}

export interface GradientsOptions {
  readonly engine: Engine;
  readonly model: Model;
  /** How `params` and `state` are handed in, and gradients out. */
  readonly packings?: Readonly<Record<string, TreePacking>>;
  /** How often each program will be called in a run, about. */
  readonly calls?: number;
  readonly onWarning?: (message: string) => void;
}

/** Gradients of the parts of the objective at given parameters, for learned alphas and gradient signals. */
export class ObjectiveGradients {
  readonly #programs = new Map<string, CompiledProgram>();

  constructor(private readonly options: GradientsOptions) {}

  #compile(key: string, program: Program): CompiledProgram {
    const { engine, calls, onWarning } = this.options;
    const compiled = engine.compile(program, {
      ...(calls === undefined ? {} : { calls }),
      ...(onWarning === undefined ? {} : { onWarning }),
    });
    this.#programs.set(key, compiled);
    return compiled;
  }

  /** With parameters and gradients packed. */
  #gradientProgram(parts: readonly Part[]): Program {
    const { model, packings = {} } = this.options;
    const { params } = packings;
    // Gradients have the shapes of the parameters.
    const gradients = params === undefined ? {} : { classification: params, alignment: params, total: params };
    return packedProgram(gradientProgram(model, parts), { ...packings, ...gradients });
  }

  /** The caller owns everything. */
  #of<P extends Part>(parts: readonly P[], at: Point): { gradients: Record<P, Tree>; losses: Tree } {
    const key = parts.join();
    const program = this.#programs.get(key) ?? this.#compile(key, this.#gradientProgram(parts));
    const alpha = tf.scalar(at.alpha ?? 0);
    try {
      const { losses, ...gradients } = program({ params: at.params, state: at.state, batch: at.batch, controls: { alpha } });
      return { gradients: gradients as Record<P, Tree>, losses: losses! };
    } finally {
      alpha.dispose();
    }
  }

  /** The bilevel problem at one moment, on fixed batches. Its trees are in the form that was handed in. */
  problem(at: { readonly params: Tree; readonly state: Tree; readonly inner: Tree; readonly outer: Tree }): BilevelProblem {
    const { state } = at;
    return {
      params: at.params,
      inner: (params) => {
        const { gradients, losses } = this.#of(['classification', 'alignment'], { params, state, batch: at.inner });
        return { ...gradients, losses: { classification: take(losses, 'classification'), alignment: take(losses, 'alignment') } };
      },
      product: (direction, { alpha, distance }) => {
        const controls = { alpha: tf.scalar(alpha), distance: tf.scalar(distance) };
        const program = this.#programs.get('product') ?? this.#compile('product', productProgram(this.#gradientProgram(['total'])));
        const { product } = program({ params: at.params, state, batch: at.inner, direction, controls });
        disposeTree(controls);
        return product!;
      },
      total: (params, alpha) => {
        const { gradients, losses } = this.#of(['total'], { params, state, batch: at.inner, alpha });
        disposeTree(losses);
        return gradients.total;
      },
      outer: (params) => {
        const { gradients, losses } = this.#of(['classification'], { params, state, batch: at.outer });
        return { classification: gradients.classification, loss: take(losses, 'classification') };
      },
    };
  }

  /** Norm of the gradient per modality's encoder, and cosine between the classification and alignment gradients. */
  measure(at: Omit<Point, 'alpha'>): { norm: Record<string, number>; cosine: Record<string, number> } {
    const { model, packings = {} } = this.options;
    const program = this.#programs.get('measure') ?? this.#compile('measure', packedProgram(measureProgram(model), packings));
    const { moments } = program({ params: at.params, state: at.state, batch: at.batch });
    const packed = moments!['packed']!;
    const values = packed.dataSync();
    packed.dispose();
    const norm: Record<string, number> = {};
    const cosine: Record<string, number> = {};
    for (const [i, modality] of model.modalities.entries()) {
      const [cc, aa, ca] = [values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!];
      norm[modality] = Math.sqrt(cc);
      if (model.alignment === null) continue;
      norm[`${modality}/alignment`] = Math.sqrt(aa);
      cosine[modality] = cc * aa === 0 ? 0 : ca / Math.sqrt(cc * aa);
    }
    return { norm, cosine };
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
  }
}

/** Reads a number and disposes it. */
function take(losses: Tree, part: Part): number {
  const loss = losses[part]!;
  const value = loss.dataSync()[0]!;
  loss.dispose();
  return value;
}

/**
 * The Hessian of the total times a direction as a pure program: the inputs of `gradients`, `direction` and
 * `controls.distance` -> `product`. Both gradients stand in one graph, so that they may run side by side.
 */
function productProgram(gradients: Program): Program {
  return {
    name: 'hessian-vector-product',
    run(inputs) {
      const { alpha, distance } = inputs['controls']!;
      const gradient = (params: Tree): Tree => gradients.run({ ...inputs, params, controls: { alpha: alpha! } })['total']!;
      return { product: hessianVectorProduct(gradient, inputs['params']!, inputs['direction']!, distance!) };
    },
  };
}

/**
 * Moments of the gradients of classification (c) and alignment (a) over each encoder as a pure program:
 * `params`, `state`, `batch` -> `moments.packed` [3 x modalities]: c.c, a.a, c.a. Without alignment the last two are 0.
 */
function measureProgram(model: Model): Program {
  const parts: readonly Part[] = model.alignment === null ? ['classification'] : ['classification', 'alignment'];
  const gradients = gradientProgram(model, parts);
  return {
    name: 'gradient-measures',
    run(inputs) {
      const { classification, alignment = {} } = gradients.run({ ...inputs, controls: { alpha: tf.scalar(0) } });
      const moments = model.modalities.flatMap((modality) => {
        const c = ofEncoder(modality, classification!);
        const a = ofEncoder(modality, alignment);
        return [dotTrees(c, c), dotTrees(a, a), Object.keys(a).length === 0 ? tf.scalar(0) : dotTrees(c, a)];
      });
      return { moments: { packed: tf.stack(moments) } };
    },
  };
}

function ofEncoder(modality: string, gradients: Tree): Tree {
  return Object.fromEntries(Object.entries(gradients).filter(([path]) => path.startsWith(`encoders/${modality}/`)));
}
