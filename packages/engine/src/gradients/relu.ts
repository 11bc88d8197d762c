import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attributes } from '../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../backend/register.js';
import { replaceGradient } from './replace.js';
import { zeroLike } from './zero.js';

const KERNEL = 'ReluGrad';

function reluGradient(dy: Tensor, y: Tensor): Tensor {
  return tf.engine().runKernel(KERNEL, { dy, y }) as unknown as Tensor;
}

/**
 * The gradient of max(x, 0) as one kernel instead of three: TensorFlow's ReluGrad on the native
 * engine, one loop elsewhere. It looks at the output, so that the input need not be kept.
 */
export function installReluGradient(): void {
  registerNativeKernel(KERNEL, ({ inputs }, backend) =>
    backend.executeSingleOutput(KERNEL, [attributes(backend).float32('T')], [inputs['dy']!, inputs['y']!]),
  );
  registerHostKernel(KERNEL, ({ inputs }, memory) => {
    const output = memory.allocate(inputs['y']!.shape, 'float32');
    const [dx, dy, y] = [output, inputs['dy']!, inputs['y']!].map((info) => memory.float32(info));
    for (let i = 0; i < dx!.length; i++) dx![i] = y![i]! > 0 ? dy![i]! : 0;
    return output;
  });
  replaceGradient({
    kernelName: KERNEL,
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
}
