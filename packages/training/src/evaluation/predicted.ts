import { Tensor } from '@tensorflow/tfjs-core';
import type { Fused, Scope } from '@equimodal/core';
import { checkPrediction } from '../model/contract.js';
import type { Model } from '../model/model.js';
import { hook } from '../step/forward.js';

/** What a model says of features: the fusion's output, in which the last `predict` hook of the methods sets the prediction. */
export function predicted(model: Model, scope: Scope, features: Readonly<Record<string, Tensor>>): Fused {
  const fused = model.fuse(scope, features);
  return model.methods.reduce<Fused>((said, named) => {
    const context = { modalities: model.modalities, features, fused, scope: scope.at('methods').at(named.id) };
    const own = hook(
      named,
      'predict',
      () => named.method.predict?.(context),
      (result) => checkPrediction(result, [fused.logits.shape[0]!, model.classes]),
    );
    const prediction = own instanceof Tensor ? { logits: own } : own;
    return { ...said, logits: prediction?.logits ?? said.logits, unimodal: prediction?.unimodal ?? said.unimodal };
  }, fused);
}
