import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import type { Model } from '../model/model.js';
import type { RunProgress } from './progress.js';

/** The numbers that change from step to step, as tensors; the `controls` of a step program. The caller owns them. */
export function stepControls(model: Model, progress: RunProgress, learningRate: number, key: readonly [number, number]): Tree {
  const { alpha, controls, methodControls } = progress;
  return {
    learningRate: tf.scalar(learningRate),
    epoch: tf.scalar(progress.epoch),
    key: tf.tensor1d([...key], 'int32'),
    ...(model.alignment === null ? {} : { alpha: tf.scalar(alpha) }),
    ...Object.fromEntries(Object.entries(controls.lossWeights).map(([term, weight]) => [`weight/${term}`, tf.scalar(weight)])),
    ...Object.fromEntries(
      model.methods.flatMap(({ id, method }) =>
        Object.entries({ ...method.controls, ...methodControls[id] }).map(([name, value]) => [`method/${id}/${name}`, tf.scalar(value)]),
      ),
    ),
  };
}
