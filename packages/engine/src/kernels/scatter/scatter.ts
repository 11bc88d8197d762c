import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { hostMemory } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';

/** tensorScatterUpdate on the cpu backend, which writes into the tensor it was given; here into a copy. */
export function installScatterUpdate(): void {
  const config = tf.getKernel(tf.TensorScatterUpdate, 'cpu');
  if (config === undefined) return;
  replaceKernel({
    ...config,
    kernelFunc: ((call) => {
      const memory = hostMemory('cpu', call.backend);
      const tensor = call.inputs['tensor']!;
      if (tensor.dtype !== 'float32' && tensor.dtype !== 'int32') return config.kernelFunc(call);
      const copy = memory.allocate(tensor.shape, tensor.dtype);
      memory.float32(copy).set(memory.float32(tensor));
      const output = config.kernelFunc({ ...call, inputs: { ...call.inputs, tensor: copy } });
      memory.release(copy);
      return output;
    }) as KernelFunc,
  });
}
