import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { replaceKernel } from '../../backend/register.js';

/** The gradient of resizeBilinear on the cpu backend, which calls its result [batch, width, height, channels] though it is not. */
export function installResizeGradient(): void {
  const config = tf.getKernel(tf.ResizeBilinearGrad, 'cpu');
  if (config === undefined) return;
  replaceKernel({
    ...config,
    kernelFunc: ((call) => ({ ...(config.kernelFunc(call) as TensorInfo), shape: call.inputs['images']!.shape })) as KernelFunc,
  });
}
