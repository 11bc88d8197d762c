import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LossTerm, Tree } from '@equimodal/core';
import { addTrees, mapTree, prefixTree, subTree, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { forwardStage, type Forward, type HookOutputs, type StageInputs } from './forward.js';
import { factorOf, totalOf, type Weighing } from './objective.js';

export interface Differentiated {
  readonly total: Tensor;
  readonly gradients: Tree;
  readonly byLoss: Readonly<Record<string, Tree>>;
  readonly forward: Forward;
  readonly outputs: HookOutputs;
}

interface TermInfo {
  readonly name: string;
  readonly kind: LossTerm['kind'];
}

/**
 * Forward and backward pass of one stage.
 *
 * @param trainable the leaves that get a gradient.
 * @param terms which terms are optimised.
 * @param separate one backward pass per term, whose weighted sum is the gradient; otherwise one for the total.
 */
export function differentiate(
  model: Model,
  stage: StageInputs,
  trainable: Tree,
  terms: (name: string) => boolean,
  weighing: Weighing,
  separate: boolean,
): Differentiated {
  let infos: TermInfo[] = [];
  const run = (value: (terms: readonly LossTerm[]) => Tensor) =>
    valueAndGradients(() => {
      const outputs: HookOutputs = { memory: {}, reports: {} };
      const forward = forwardStage(model, stage, outputs);
      const chosen = forward.terms.filter((term) => terms(term.name));
      infos = chosen.map(({ name, kind }) => ({ name, kind }));
      const changed = Object.fromEntries(Object.entries(forward.newState).filter(([path, leaf]) => leaf !== stage.state[path]));
      const aux: Record<string, Tensor> = {
        logits: forward.fused.logits,
        ...(forward.sampleWeights === undefined ? {} : { sampleWeights: forward.sampleWeights }),
        ...prefixTree('unimodal', forward.fused.unimodal),
        ...prefixTree('features', forward.features),
        ...prefixTree('state', changed),
        ...prefixTree('memory', outputs.memory),
        ...prefixTree('reports', outputs.reports),
        ...prefixTree('terms', Object.fromEntries(chosen.map((term) => [term.name, term.value]))),
        ...prefixTree('factors', Object.fromEntries(chosen.map((term) => [term.name, tensorOf(factorOf(term, weighing))]))),
      };
      return { value: value(chosen), aux };
    }, trainable);

  if (!separate) {
    const { value, aux, gradients } = run((chosen) => totalOf(chosen, weighing));
    return { total: value, gradients, byLoss: {}, ...unpack(stage, aux, infos) };
  }
  // One pass per term. The first pass tells which terms there are.
  const byLoss: Record<string, Tree> = {};
  const first = run((chosen) => chosen[0]?.value ?? tf.scalar(0));
  for (const [i, { name }] of infos.entries()) {
    byLoss[name] = i === 0 ? first.gradients : run((chosen) => chosen[i]!.value).gradients;
  }
  const parts = unpack(stage, first.aux, infos);
  const weighted = parts.forward.terms.map((term) => mapTree(byLoss[term.name]!, (leaf) => tf.mul(leaf, term.weight)));
  const total = tf.addN(parts.forward.terms.map((term) => tf.mul(term.value, term.weight)));
  return { total, gradients: weighted.reduce(addTrees), byLoss, ...parts };
}

function tensorOf(factor: number | Tensor): Tensor {
  return typeof factor === 'number' ? tf.scalar(factor) : factor;
}

/** Puts a forward pass together again. The terms' weights are now the factors they enter the total with. */
function unpack(
  stage: StageInputs,
  aux: Readonly<Record<string, Tensor>>,
  infos: readonly TermInfo[],
): { forward: Forward; outputs: HookOutputs } {
  const values = subTree('terms', aux);
  const factors = subTree('factors', aux);
  return {
    forward: {
      features: subTree('features', aux),
      fused: { logits: aux['logits']!, unimodal: subTree('unimodal', aux) },
      terms: infos.map(({ name, kind }) => ({ name, kind, value: values[name]!, weight: factors[name]! })),
      newState: { ...stage.state, ...subTree('state', aux) },
      sampleWeights: aux['sampleWeights'],
    },
    outputs: { memory: subTree('memory', aux), reports: subTree('reports', aux) },
  };
}
