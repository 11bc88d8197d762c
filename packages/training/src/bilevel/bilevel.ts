import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BilevelProblem, Bundle, CompiledProgram, Engine, LossTerm, Program, Tree } from '@equimodal/core';
import { disposeTree, openScope, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { partOf } from '../step/flat.js';
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

/** Gradients of the parts of the objective at given parameters, for learned alphas and gradient signals. */
export class ObjectiveGradients {
  readonly #programs = new Map<string, CompiledProgram>();

  /** @param options.calls how often each will be asked for in a run, about. */
  constructor(
    private readonly engine: Engine,
    private readonly model: Model,
    private readonly options: { readonly calls?: number; readonly onWarning?: (message: string) => void } = {},
  ) {}

  /** The caller owns everything. */
  #of<P extends Part>(parts: readonly P[], at: Point): { gradients: Record<P, Tree>; losses: Tree } {
    const key = parts.join();
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = this.engine.compile(gradientProgram(this.model, parts), this.options);
      this.#programs.set(key, program);
    }
    const alpha = tf.scalar(at.alpha ?? 0);
    const { losses, ...gradients } = program({ params: at.params, state: at.state, batch: at.batch, controls: { alpha } });
    alpha.dispose();
    return { gradients: gradients as Record<P, Tree>, losses: losses! };
  }

  /** The bilevel problem at one moment, on fixed batches. */
  problem(at: { readonly params: Tree; readonly state: Tree; readonly inner: Tree; readonly outer: Tree }): BilevelProblem {
    const { state } = at;
    return {
      params: at.params,
      inner: (params) => {
        const { gradients, losses } = this.#of(['classification', 'alignment'], { params, state, batch: at.inner });
        return { ...gradients, losses: { classification: take(losses, 'classification'), alignment: take(losses, 'alignment') } };
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
  measure(at: { readonly params: Tree; readonly state: Tree; readonly batch: Tree }): {
    norm: Record<string, number>;
    cosine: Record<string, number>;
  } {
    const aligned = this.model.alignment !== null;
    const parts: Part[] = aligned ? ['classification', 'alignment'] : ['classification'];
    const { gradients, losses } = this.#of(parts, at);
    disposeTree(losses);
    const { classification } = gradients;
    const norm: Record<string, number> = {};
    const cosine: Record<string, number> = {};
    for (const modality of this.model.modalities) {
      const paths = Object.keys(classification).filter((path) => path.startsWith(`encoders/${modality}/`));
      const own = moments(paths, classification, aligned ? gradients.alignment : classification);
      norm[modality] = Math.sqrt(own.aa);
      if (aligned) {
        norm[`${modality}/alignment`] = Math.sqrt(own.bb);
        cosine[modality] = own.aa * own.bb === 0 ? 0 : own.ab / Math.sqrt(own.aa * own.bb);
      }
    }
    for (const part of parts) disposeTree(gradients[part]);
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
