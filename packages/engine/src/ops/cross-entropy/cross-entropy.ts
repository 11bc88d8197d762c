import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { attributes, type NativeBackend } from '../../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';
import { crossEntropyOfRows } from './rows.js';

const KERNEL = 'LabelCrossEntropy';
const GRADIENT_KERNEL = 'LabelCrossEntropyGrad';

/** `mean` over the batch, or `none`: one number a row. */
export type Reduction = 'mean' | 'none';

interface Attributes {
  /** In [0, 1): the target is (1 - smoothing) one-hot + smoothing / classes. */
  readonly smoothing: number;
  readonly reduction: Reduction;
}

/** Losses [batch] and softmax - target [batch, classes], by TensorFlow's own op. */
function nativeRows(logits: Tensor, labels: Tensor, smoothing: number, backend: NativeBackend): [Tensor, Tensor] {
  const { float32, int32 } = attributes(backend);
  if (smoothing === 0) {
    const types = [float32('T'), int32('Tlabels')];
    return backend.executeMultipleOutputs('SparseSoftmaxCrossEntropyWithLogits', types, [logits, labels], 2) as [Tensor, Tensor];
  }
  const classes = logits.shape[1]!;
  const share = smoothing / classes;
  const targets = tf.oneHot(labels as Tensor1D, classes, 1 - smoothing + share, share, 'float32');
  return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [float32('T')], [logits, targets], 2) as [Tensor, Tensor];
}

// Outputs: the loss and softmax - target.
registerNativeKernel(KERNEL, ({ inputs, attrs }, backend) => {
  const { smoothing, reduction } = attrs as unknown as Attributes;
  return tf.tidy(() => {
    const [rows, slope] = nativeRows(inputs['logits'] as Tensor, inputs['labels'] as Tensor, smoothing, backend);
    return [reduction === 'mean' ? tf.mean(rows) : rows, slope];
  });
});

registerNativeKernel(GRADIENT_KERNEL, ({ inputs, attrs }) => {
  const [dy, slope] = [inputs['dy'], inputs['slope']] as [Tensor, Tensor];
  const batch = slope.shape[0]!;
  const { reduction } = attrs as unknown as Attributes;
  return tf.tidy(() => tf.mul(slope, reduction === 'mean' ? tf.mul(dy, 1 / batch) : tf.reshape(dy, [batch, 1])));
});

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const { smoothing, reduction } = attrs as unknown as Attributes;
  const [logits, labels] = [inputs['logits']!, inputs['labels']!];
  const [batch, classes] = logits.shape as [number, number];
  const outputs = [memory.allocate(reduction === 'mean' ? [] : [batch], 'float32'), memory.allocate(logits.shape, 'float32')];
  const [loss, slope] = outputs.map((info) => memory.float32(info)) as [Float32Array, Float32Array];
  const losses = reduction === 'mean' ? new Float32Array(batch) : loss;
  const wrong = crossEntropyOfRows(memory.float32(logits), memory.int32(labels), smoothing, { losses, slope });
  if (wrong !== undefined) {
    for (const output of outputs) memory.release(output);
    throw new EquimodalError('EQM_PLUGIN_FAULT', `the label ${wrong} is none of the ${classes} classes`, {
      where: 'labelCrossEntropy',
      fix: 'Labels are class indices from 0 to classes - 1.',
    });
  }
  if (reduction === 'mean') loss[0] = losses.reduce((sum, value) => sum + value, 0) / batch;
  return outputs;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs, attrs }, memory) => {
  const { shape } = inputs['slope']!;
  const [batch, classes] = shape as [number, number];
  const output = memory.allocate(shape, 'float32');
  const [dx, dy, slope] = [output, inputs['dy']!, inputs['slope']!].map((info) => memory.float32(info)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const isMean = (attrs as unknown as Attributes).reduction === 'mean';
  for (let row = 0, at = 0; row < batch; row++) {
    const weight = isMean ? dy[0]! / batch : dy[row]!;
    for (let c = 0; c < classes; c++, at++) dx[at] = slope[at]! * weight;
  }
  return output;
});

// The logits go along only so that a gradient of this gradient is refused instead of wrong.
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['logits'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attrs) => {
    const [logits, slope] = saved as [Tensor, Tensor];
    const dy = (dys as Tensor[])[0]!;
    return { logits: () => tf.engine().runKernel(GRADIENT_KERNEL, { dy, logits, slope }, attrs) as unknown as Tensor };
  },
});

/**
 * Softmax cross entropy with class indices: -sum_k target_k log softmax(logits)_k per row.
 *
 * First-order differentiable in the logits; a gradient of that gradient is refused.
 *
 * @param logits float32 [batch, classes]
 * @param labels int32 [batch]
 * @param options smoothing in [0, 1), default 0: the target is (1 - smoothing) one-hot + smoothing / classes;
 *   reduction, default `mean`: a scalar, or `none`: [batch]
 * @returns float32, in nats
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes or types do not fit, and on wasm and cpu for a label that is no class
 *   (TensorFlow has an error of its own for it on the native engine's CPU).
 *
 * Source: on the native engine TensorFlow's SparseSoftmaxCrossEntropyWithLogits and SoftmaxCrossEntropyWithLogits.
 */
export function labelCrossEntropy(logits: Tensor, labels: Tensor, options: Partial<Attributes> = {}): Tensor {
  const { smoothing = 0, reduction = 'mean' } = options;
  const fits = logits.rank === 2 && labels.rank === 1 && labels.size === logits.shape[0];
  if (!fits || logits.dtype !== 'float32' || labels.dtype !== 'int32') {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `labelCrossEntropy got logits ${logits.dtype} [${logits.shape.join(', ')}] and labels ${labels.dtype} [${labels.shape.join(', ')}]`,
      { where: 'labelCrossEntropy', fix: 'logits must be float32 [batch, classes] and labels int32 [batch].' },
    );
  }
  const [loss] = tf.engine().runKernel(KERNEL, { logits, labels }, { smoothing, reduction }) as unknown as Tensor[];
  return loss!;
}
