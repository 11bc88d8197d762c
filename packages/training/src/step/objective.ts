import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Fused, LossTerm, Scope } from '@equimodal/core';
import type { Model } from '../model/model.js';

/** What the terms are computed from. */
export interface ObjectiveInput {
  readonly model: Model;
  readonly scope: Scope;
  readonly features: Readonly<Record<string, Tensor>>;
  readonly fused: Fused;
  readonly labels: Tensor;
  readonly sampleWeights?: Tensor | undefined;
  /** Epoch of a training step, scalar. */
  readonly epoch?: Tensor;
}

/** The configured classification losses on any logits, weights applied. */
export function classificationOn(input: ObjectiveInput, logits: Tensor, on: 'fused' | 'unimodal' | 'any'): Tensor {
  const { model, labels, sampleWeights, epoch } = input;
  const losses = model.losses.filter((loss) => on === 'any' || loss.on === on);
  const chosen = losses.length > 0 ? losses : model.losses;
  const values = chosen.map(({ compute, weight }) => {
    const value = compute({
      logits,
      labels,
      classes: model.classes,
      ...(sampleWeights === undefined ? {} : { sampleWeights }),
      ...(epoch === undefined ? {} : { epoch }),
    });
    return weight === 1 ? value : tf.mul(value, weight);
  });
  return values.length === 1 ? values[0]! : tf.addN(values);
}

/** The named terms of the recipe's objective, before any method touches them. */
export function objectiveTerms(input: ObjectiveInput): LossTerm[] {
  const { model, scope, features, fused, labels } = input;
  const terms: LossTerm[] = [];
  if (model.losses.some((loss) => loss.on === 'fused')) {
    terms.push({ name: 'fused', kind: 'classification', value: classificationOn(input, fused.logits, 'fused'), weight: 1 });
  }
  if (model.losses.some((loss) => loss.on === 'unimodal')) {
    const heads = [
      ...model.modalities.map((modality) => [`unimodal/${modality}`, fused.unimodal[modality]!] as const),
      ...Object.entries(fused.auxiliary ?? {}).map(([name, logits]) => [`auxiliary/${name}`, logits] as const),
    ];
    for (const [name, logits] of heads) {
      terms.push({ name, kind: 'classification', value: classificationOn(input, logits, 'unimodal'), weight: 1 });
    }
  }
  if (model.alignment !== null) {
    const value = model.align(scope, { modalities: model.modalities, features, unimodal: fused.unimodal, labels });
    terms.push({ name: 'alignment', kind: 'alignment', value, weight: model.alignmentWeight });
  }
  return terms;
}

/** How terms are weighed: alpha where there is an alignment loss, and weights set from outside. */
export interface Weighing {
  /** Scalar; undefined where the recipe has no alignment loss. */
  readonly alpha: Tensor | undefined;
  /** Scalars by term name, set through RunControls. */
  readonly lossWeights: Readonly<Record<string, Tensor>>;
}

/** L = (1 - alpha) L_cls + alpha L_align + regularisers (paper, total loss). The factor of one term, or 1. */
export function factorOf(term: LossTerm, { alpha, lossWeights }: Weighing): number | Tensor {
  let factor: number | Tensor = term.weight;
  const times = (by: Tensor): void => {
    factor = typeof factor === 'number' && factor === 1 ? by : tf.mul(by, factor);
  };
  if (alpha !== undefined && term.kind === 'classification') times(tf.sub(1, alpha));
  if (alpha !== undefined && term.kind === 'alignment') times(alpha);
  const outside = lossWeights[term.name];
  if (outside !== undefined) times(outside);
  return factor;
}

/** The weighted sum of the terms, scalar. */
export function totalOf(terms: readonly LossTerm[], weighing: Weighing): Tensor {
  const weighted = terms.map((term) => {
    const factor = factorOf(term, weighing);
    return factor === 1 ? term.value : tf.mul(term.value, factor);
  });
  if (weighted.length === 0) return tf.scalar(0);
  return weighted.length === 1 ? weighted[0]! : tf.addN(weighted);
}
