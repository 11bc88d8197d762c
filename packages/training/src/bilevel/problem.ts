import * as tf from '@tensorflow/tfjs-core';
import type { BilevelProblem, CompiledProgram, CompileOptions, Engine, Program, Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { packedProgram, treePacking, type TreePacking } from '../step/packing.js';
import { gradientProgram, productProgram, type Part } from './programs.js';

/**
 * Leaves of up to a megabyte travel together: solvers do arithmetic on whole trees between the
 * programs, and pay for every leaf.
 */
const MAX_PACKED_SIZE = 262_144;

/** Where a bilevel problem is posed: parameters and model state as leaves, and two batches. */
export interface BilevelPoint {
  readonly params: Tree;
  readonly state: Tree;
  readonly inner: Tree;
  readonly outer: Tree;
}

/** Poses the bilevel problem of a model to learned alpha schedulers. */
export class BilevelProblems {
  readonly #programs = new Map<string, CompiledProgram>();
  #packing: TreePacking | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly model: Model,
    private readonly options: CompileOptions,
  ) {}

  /** The problem at one moment, on fixed batches; it lives as long as the call. Its trees are packed where that pays. */
  pose<T>(at: BilevelPoint, use: (problem: BilevelProblem) => T): T {
    const packing = this.#packing ?? treePacking(at.params, this.engine.capture ? { maxSize: MAX_PACKED_SIZE } : { maxSize: 0 });
    this.#packing = packing;
    const params = tf.tidy(() => packing.pack(at.params) as Record<string, tf.Tensor>);
    try {
      return use(this.#problem({ ...at, params }, packing));
    } finally {
      disposeTree(params);
    }
  }

  #problem({ params, state, inner, outer }: BilevelPoint, packing: TreePacking): BilevelProblem {
    const point = { packing, state };
    return {
      params,
      inner: (at) => {
        const { gradients, losses } = this.#gradients(['classification', 'alignment'], { ...point, params: at, batch: inner });
        return { ...gradients, losses: { classification: take(losses, 'classification'), alignment: take(losses, 'alignment') } };
      },
      product: (direction, { alpha, distance }) => {
        const program = this.#compiled('product', () => productProgram(this.#packed(['total'], packing)));
        const controls = { alpha: tf.scalar(alpha), distance: tf.scalar(distance) };
        try {
          return program({ params, state, batch: inner, direction, controls })['product']!;
        } finally {
          disposeTree(controls);
        }
      },
      total: (at, alpha) => {
        const { gradients, losses } = this.#gradients(['total'], { ...point, params: at, batch: inner, alpha });
        disposeTree(losses);
        return gradients.total;
      },
      outer: (at) => {
        const { gradients, losses } = this.#gradients(['classification'], { ...point, params: at, batch: outer });
        return { classification: gradients.classification, loss: take(losses, 'classification') };
      },
    };
  }

  #compiled(key: string, make: () => Program): CompiledProgram {
    let program = this.#programs.get(key);
    if (program === undefined) this.#programs.set(key, (program = this.engine.compile(make(), this.options)));
    return program;
  }

  /** Gradients with the parameters, and so the gradients, packed. */
  #packed(parts: readonly Part[], packing: TreePacking): Program {
    return packedProgram(gradientProgram(this.model, parts), {
      params: packing,
      ...Object.fromEntries(parts.map((part) => [part, packing])),
    });
  }

  /** The caller owns everything. */
  #gradients<P extends Part>(
    parts: readonly P[],
    at: { readonly packing: TreePacking; readonly params: Tree; readonly state: Tree; readonly batch: Tree; readonly alpha?: number },
  ): { gradients: Record<P, Tree>; losses: Tree } {
    const program = this.#compiled(parts.join(), () => this.#packed(parts, at.packing));
    const alpha = tf.scalar(at.alpha ?? 0);
    try {
      const { losses, ...gradients } = program({ params: at.params, state: at.state, batch: at.batch, controls: { alpha } });
      return { gradients: gradients as Record<P, Tree>, losses: losses! };
    } finally {
      alpha.dispose();
    }
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
