import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BilevelProblem, Bundle, CompiledProgram, Engine, Program, Tree } from '@equimodal/core';
import { disposeTree, openScope, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { partOf } from '../step/flat.js';
import { objectiveTerms, totalOf } from '../step/objective.js';

type Which = 'classification' | 'alignment' | 'total';

/**
 * The gradient of one part of the objective as a pure program: `params`, `state`, `batch`, `controls.alpha`
 * -> `gradients` and `losses.value`. Batch norm uses batch statistics, running statistics stay, dropout is off.
 */
function gradientProgram(model: Model, which: Which): Program {
  return {
    name: `gradient-${which}`,
    run(inputs: Bundle): Bundle {
      const params = inputs['params']!;
      const batch = inputs['batch']!;
      const { value, gradients } = valueAndGradients(() => {
        // Training mode for the batch statistics; the new running statistics are dropped.
        const { scope } = openScope({ params, state: inputs['state']!, training: true, key: NO_KEY() });
        const features = model.encode(scope, partOf(batch, 'inputs'));
        const fused = model.fuse(scope, features);
        const terms = objectiveTerms({ model, scope, features, fused, labels: batch['labels']! });
        return { value: partialObjective(terms, which, inputs['controls']!['alpha']!), aux: {} };
      }, params);
      return { gradients, losses: { value } };
    },
  };
}

const NO_KEY = (): Tensor => tf.tensor1d([0, 0], 'int32');

function partialObjective(terms: ReturnType<typeof objectiveTerms>, which: Which, alpha: Tensor): Tensor {
  if (which === 'total') return totalOf(terms, { alpha, lossWeights: {} });
  return totalOf(
    terms.filter((term) => term.kind === which),
    { alpha: undefined, lossWeights: {} },
  );
}

/** Gradients of the parts of the objective at given parameters, for learned alphas and gradient signals. */
export class ObjectiveGradients {
  readonly #programs = new Map<Which, CompiledProgram>();

  constructor(
    private readonly engine: Engine,
    private readonly model: Model,
  ) {}

  /** The caller owns the gradients. */
  of(
    which: Which,
    at: { readonly params: Tree; readonly state: Tree; readonly batch: Tree; readonly alpha?: number },
  ): { gradients: Tree; loss: number } {
    let program = this.#programs.get(which);
    if (program === undefined) this.#programs.set(which, (program = this.engine.compile(gradientProgram(this.model, which))));
    const alpha = tf.scalar(at.alpha ?? 0);
    const outputs = program({ params: at.params, state: at.state, batch: at.batch, controls: { alpha } });
    alpha.dispose();
    const value = outputs['losses']!['value']!;
    const loss = value.dataSync()[0]!;
    value.dispose();
    return { gradients: outputs['gradients']!, loss };
  }

  /** The bilevel problem at one moment, on fixed batches. */
  problem(at: { readonly params: Tree; readonly state: Tree; readonly inner: Tree; readonly outer: Tree }): BilevelProblem {
    const { state } = at;
    return {
      params: at.params,
      inner: (params) => {
        const classification = this.of('classification', { params, state, batch: at.inner });
        const alignment = this.of('alignment', { params, state, batch: at.inner });
        return {
          classification: classification.gradients,
          alignment: alignment.gradients,
          losses: { classification: classification.loss, alignment: alignment.loss },
        };
      },
      total: (params, alpha) => this.of('total', { params, state, batch: at.inner, alpha }).gradients,
      outer: (params) => {
        const { gradients, loss } = this.of('classification', { params, state, batch: at.outer });
        return { classification: gradients, loss };
      },
    };
  }

  /** Norm of the gradient per modality's encoder, and cosine between the classification and alignment gradients. */
  measure(at: { readonly params: Tree; readonly state: Tree; readonly batch: Tree }): {
    norm: Record<string, number>;
    cosine: Record<string, number>;
  } {
    const classification = this.of('classification', at).gradients;
    const alignment = this.model.alignment === null ? null : this.of('alignment', at).gradients;
    const norm: Record<string, number> = {};
    const cosine: Record<string, number> = {};
    for (const modality of this.model.modalities) {
      const paths = Object.keys(classification).filter((path) => path.startsWith(`encoders/${modality}/`));
      const own = moments(paths, classification, alignment ?? classification);
      norm[modality] = Math.sqrt(own.aa);
      if (alignment !== null) {
        norm[`${modality}/alignment`] = Math.sqrt(own.bb);
        cosine[modality] = own.aa * own.bb === 0 ? 0 : own.ab / Math.sqrt(own.aa * own.bb);
      }
    }
    disposeTree(classification);
    if (alignment !== null) disposeTree(alignment);
    return { norm, cosine };
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
  }
}

/** a.a, a.b and b.b over some leaves, in one read. */
function moments(paths: readonly string[], a: Tree, b: Tree): { aa: number; ab: number; bb: number } {
  if (paths.length === 0) return { aa: 0, ab: 0, bb: 0 };
  const flat = (tree: Tree): Tensor => tf.concat(paths.map((path) => tf.reshape(tree[path]!, [-1])));
  const [aa, ab, bb] = tf.tidy(() => {
    const [x, y] = [flat(a), flat(b)];
    return tf.stack([tf.sum(tf.mul(x, x)), tf.sum(tf.mul(x, y)), tf.sum(tf.mul(y, y))]).dataSync();
  });
  return { aa: aa!, ab: ab!, bb: bb! };
}
