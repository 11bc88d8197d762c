import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attributes } from '../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../backend/register.js';
import { RELU_GRADIENT, reluGradient as reluGradientInto } from '../kernels/relu/relu.js';
import { replaceGradient } from './replace.js';
import { zeroLike } from './zero.js';

function reluGradient(dy: Tensor, y: Tensor): Tensor {
  return tf.engine().runKernel(RELU_GRADIENT, { dy, y }) as unknown as Tensor;
}

/**
 * The gradient of max(x, 0) as one kernel instead of three: TensorFlow's ReluGrad on the native
 * engine, vectors on wasm, one loop on cpu. It looks at the output, so that the input need not be kept.
 */
export function installReluGradient(): void {
  registerNativeKernel(RELU_GRADIENT, ({ inputs }, backend) =>
    backend.executeSingleOutput(RELU_GRADIENT, [attributes(backend).float32('T')], [inputs['dy']!, inputs['y']!]),
  );
  registerHostKernel(
    RELU_GRADIENT,
    ({ inputs }, memory) => {
      const output = memory.allocate(inputs['y']!.shape, 'float32');
      reluGradientInto(memory.float32(inputs['dy']!), memory.float32(inputs['y']!), memory.float32(output));
      return output;
    },
    ['cpu'],
  );
  replaceGradient({
    kernelName: RELU_GRADIENT,
    inputsToSave: ['y'],
    gradFunc: (ddx, saved) => ({
      dy: () => reluGradient(ddx as Tensor, saved[0]!),
      y: () => zeroLike(saved[0]!),
    }),
  });
  replaceGradient({
    kernelName: tf.Relu,
    outputsToSave: [true],
    gradFunc: (dy, saved) => ({ x: () => reluGradient(dy as Tensor, saved[0]!) }),
  });
  // The step function that TensorFlow.js uses here makes a full-size constant on the native engine.
  replaceGradient({
    kernelName: tf.Relu6,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => {
      const x = saved[0]!;
      return { x: () => tf.mul(dy as Tensor, tf.cast(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6)), 'float32')) };
    },
  });
}
