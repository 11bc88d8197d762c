import * as tf from '@tensorflow/tfjs-core';
import type { BilevelProblem, Bundle, CompiledProgram, CompileOptions, Engine, Program, Tree } from '@equimodal/core';
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
  /** Classification terms of the outer loss. */
  readonly outerLoss: 'classification' | 'fused' | 'unimodal';
  readonly epoch: number;
  /** Weights by term that were set from outside; they hold inside and outside. */
  readonly lossWeights: Readonly<Record<string, number>>;
}

export interface BilevelParts extends Pick<CompileOptions, 'onWarning'> {
  readonly engine: Engine;
  readonly model: Model;
  /** Weight decay that is part of the inner objective. */
  readonly weightDecay: number;
  /** Which parameters are trained: the others are constants of both problems. Default: all. */
  readonly trains?: ((path: string) => boolean) | undefined;
}

/** What stays the same while one problem is posed. */
interface Posed {
  readonly packing: TreePacking;
  readonly state: Tree;
  /** Parameters that are not trained. */
  readonly fixed: Tree;
  readonly epoch: number;
  readonly lossWeights: Readonly<Record<string, number>>;
}

/** Poses the bilevel problem of a model to learned alpha schedulers. */
export class BilevelProblems {
  readonly #programs = new Map<string, CompiledProgram>();
  #packing: TreePacking | undefined;
  #passes = 0;

  constructor(private readonly parts: BilevelParts) {}

  /** Backward passes so far. */
  get passes(): number {
    return this.#passes;
  }

  /** The problem at one moment, on fixed batches; it lives as long as the call. Its trees are packed where that pays. */
  pose<T>(at: BilevelPoint, use: (problem: BilevelProblem) => T): T {
    const { engine, trains = () => true } = this.parts;
    const entries = Object.entries(at.params);
    const trained = Object.fromEntries(entries.filter(([path]) => trains(path)));
    const fixed = Object.fromEntries(entries.filter(([path]) => !trains(path)));
    const packing = this.#packing ?? treePacking(trained, engine.capture ? { maxSize: MAX_PACKED_SIZE } : { maxSize: 0 });
    this.#packing = packing;
    const params = tf.tidy(() => packing.pack(trained) as Record<string, tf.Tensor>);
    const { state, epoch, lossWeights } = at;
    try {
      return use(this.#problem({ ...at, params }, { packing, state, fixed, epoch, lossWeights }, Object.keys(trained)));
    } finally {
      disposeTree(params);
    }
  }

  #problem({ params, inner, outer, outerLoss }: BilevelPoint, posed: Posed, paths: readonly string[]): BilevelProblem {
    const { packing } = posed;
    return {
      params,
      paths,
      weightDecay: this.parts.weightDecay,
      leaf(tree, path) {
        if (!paths.includes(path)) throw new Error(`the bilevel problem has no parameter "${path}"`);
        return tf.tidy(() => packing.unpack(tree)[path]!);
      },
      inner: (at) => {
        const { gradients, losses } = this.#gradients(['classification', 'alignment'], posed, { params: at, batch: inner });
        return { ...gradients, losses: { classification: take(losses, 'classification'), alignment: take(losses, 'alignment') } };
      },
      product: (direction, { alpha, distance, from }) => {
        const sides = from === undefined ? 2 : 1;
        this.#passes += sides;
        const bundle = { params, batch: inner, direction, ...(from === undefined ? {} : { from }) };
        const make = (): Program => productProgram(this.#packed(['total'], packing));
        return this.#run(`product ${sides}`, make, posed, bundle, { alpha, distance })['product']!;
      },
      total: (at, alpha) => {
        const { gradients, losses } = this.#gradients(['total'], posed, { params: at, batch: inner }, alpha);
        disposeTree(losses);
        return gradients.total;
      },
      outer: (at) => {
        const { gradients, losses } = this.#gradients([outerLoss], posed, { params: at, batch: outer });
        return { classification: gradients[outerLoss], loss: take(losses, outerLoss) };
      },
    };
  }

  /** Runs a program, made on its first use, on what is posed and what is given. The caller owns everything it returns. */
  #run(
    name: string,
    make: () => Program,
    { state, fixed, epoch, lossWeights }: Posed,
    bundle: Bundle,
    scalars: Readonly<Record<string, number>>,
  ): Bundle {
    const weights = Object.entries(lossWeights).map(([term, weight]) => [`weight/${term}`, weight] as const);
    const key = [name, ...Object.keys(lossWeights)].join();
    let program = this.#programs.get(key);
    if (program === undefined) {
      const { engine, onWarning } = this.parts;
      this.#programs.set(key, (program = engine.compile(make(), onWarning === undefined ? {} : { onWarning })));
    }
    const numbers = Object.entries({ ...scalars, epoch, ...Object.fromEntries(weights) });
    const controls: Tree = Object.fromEntries(numbers.map(([control, value]) => [control, tf.scalar(value)]));
    try {
      return program({ ...bundle, state, fixed, controls });
    } finally {
      disposeTree(controls);
    }
  }

  /** Gradients with the parameters, and so the gradients, packed. */
  #packed(parts: readonly Part[], packing: TreePacking): Program {
    return packedProgram(gradientProgram(this.parts.model, parts), {
      params: packing,
      ...Object.fromEntries(parts.map((part) => [part, packing])),
    });
  }

  /** The caller owns everything. */
  #gradients<P extends Part>(
    parts: readonly P[],
    posed: Posed,
    bundle: { readonly params: Tree; readonly batch: Tree },
    alpha = 0,
  ): { gradients: Record<P, Tree>; losses: Tree } {
    this.#passes += parts.length;
    const { losses, ...gradients } = this.#run(parts.join(' and '), () => this.#packed(parts, posed.packing), posed, bundle, { alpha });
    return { gradients: gradients as Record<P, Tree>, losses: losses! };
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
