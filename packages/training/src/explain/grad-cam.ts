import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { EquimodalError, type Tree } from '@equimodal/core';
import { openScope } from '@equimodal/nn';
import { predicted } from '../evaluation/predicted.js';
import type { Tap } from '../model/encode.js';
import type { Model } from '../model/model.js';

/** What a map explains. */
export interface GradCamTarget {
  readonly modality: string;
  /** After which stage of the encoder, counted from 1. Default: the last. */
  readonly stage?: number;
  /** The fused prediction, or the modality's own read-out. Default: fused. */
  readonly readOut?: 'fused' | 'own';
}

/** Maps of samples and what the model said of them. Dispose the tensors. */
export interface GradCam {
  /** [batch, height, width], each sample's between 0 and 1: its largest value is 1 unless nothing speaks for the class. */
  readonly maps: Tensor3D;
  /** [batch, classes] */
  readonly logits: Tensor;
}

/**
 * Grad-CAM: which places of an input speak for a class. Of the maps A [batch, height, width, channels] after a stage, each channel k is
 * weighed by the mean over places of the gradient of the class's logit, w_k = mean_ij dy_c / dA_ijk, and the map is ReLU(sum_k w_k A_k).
 * Maps over time as well are averaged over time. The model is not in training mode.
 *
 * Source: Selvaraju et al., "Grad-CAM" (ICCV 2017), equations 1 and 2.
 *
 * @param inputs [batch, ...shape] by modality
 * @param classes the class to explain of each sample
 * @throws EQM_CONFIG_INCOMPATIBLE for an encoder without stages whose maps have places.
 */
export function gradCam(
  model: Model,
  { params, state }: { readonly params: Tree; readonly state: Tree },
  inputs: Readonly<Record<string, Tensor>>,
  classes: Int32Array,
  target: GradCamTarget,
): GradCam {
  const { modality, readOut = 'fused' } = target;
  const stage = checkedStage(model, target);
  const logitsOf = (apply: Tap['apply']): Tensor => {
    const { scope } = openScope({ params, state, training: false });
    const { logits, unimodal } = predicted(model, scope, model.encode(scope, inputs, { tap: { modality, stage, apply } }));
    return readOut === 'own' ? unimodal[modality]! : logits;
  };
  return tf.tidy(() => {
    let maps: Tensor | undefined;
    const logits = logitsOf((own) => (maps = own));
    const chosen = tf.oneHot(tf.tensor1d(classes, 'int32'), model.classes);
    const gradient = tf.grad((own: Tensor) =>
      tf.sum(
        tf.mul(
          logitsOf(() => own),
          chosen,
        ),
      ),
    )(maps!);
    return { maps: weighed(maps!, gradient, model, target), logits };
  });
}

function weighed(maps: Tensor, gradient: Tensor, model: Model, { modality }: GradCamTarget): Tensor3D {
  if (maps.rank !== 4 && maps.rank !== 5) {
    throw incompatible(model, modality, `its maps are [batch, ${maps.shape.slice(1).join(', ')}], without height and width`);
  }
  const places = maps.shape.map((_, axis) => axis).slice(1, -1);
  const weights = tf.mean(gradient, places, true);
  const map = tf.relu(tf.sum(tf.mul(weights, maps), -1));
  const plane = (map.rank === 4 ? tf.mean(map, 1) : map) as Tensor3D;
  const most = tf.max(plane, [1, 2], true);
  return tf.div(plane, tf.where(tf.greater(most, 0), most, tf.onesLike(most)));
}

function checkedStage(model: Model, { modality, stage }: GradCamTarget): number {
  const encoder = model.encoders[modality];
  if (encoder === undefined) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the model has no modality "${modality}"`, {
      fix: `It has ${model.modalities.join(', ')}.`,
    });
  }
  if (encoder.stages === undefined) throw incompatible(model, modality, 'it has no stages, whose maps could be looked at');
  const { length } = encoder.stages.channels;
  if (stage === undefined) return length;
  if (Number.isInteger(stage) && stage >= 1 && stage <= length) return stage;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the encoder of modality "${modality}" has no stage ${stage}`, {
    fix: `Its stages are 1 to ${length}.`,
  });
}

function incompatible(model: Model, modality: string, why: string): EquimodalError {
  const others = model.modalities.filter((name) => name !== modality && model.encoders[name]!.stages !== undefined);
  return new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the encoder of modality "${modality}" cannot be explained: ${why}`, {
    fix: `Grad-CAM works for convolutional encoders with stages${others.length === 0 ? '' : ` (here: ${others.join(', ')})`}.`,
  });
}
