import * as tf from '@tensorflow/tfjs-core';
import type { CompiledProgram, CompileOptions, Engine, Tree } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { packedProgram, type TreePacking } from '../step/packing.js';
import { measureProgram } from './programs.js';

interface MeasurePoint {
  readonly params: Tree;
  readonly state: Tree;
  readonly batch: Tree;
  readonly epoch: number;
}

/** Norm of the gradient per modality's encoder, and cosine between the classification and alignment gradients. */
export class GradientMeasures {
  readonly #program: CompiledProgram;

  /** @param packings how `params` and `state` are handed in. */
  constructor(
    engine: Engine,
    private readonly model: Model,
    packings: Readonly<Record<string, TreePacking>>,
    options: CompileOptions,
  ) {
    this.#program = engine.compile(packedProgram(measureProgram(model), packings), options);
  }

  measure({ params, state, batch, epoch }: MeasurePoint): { norm: Record<string, number>; cosine: Record<string, number> } {
    const { model } = this;
    const controls = { epoch: tf.scalar(epoch) };
    let packed: tf.Tensor;
    try {
      packed = this.#program({ params, state, batch, controls })['moments']!['packed']!;
    } finally {
      disposeTree(controls);
    }
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
    this.#program.dispose();
  }
}
