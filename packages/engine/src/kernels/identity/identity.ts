import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend, KernelFunc } from '@tensorflow/tfjs-core';
import { replaceKernel } from '../../backend/register.js';
import { WASM } from '../wasm-kernel.js';

/** Clones and casts to the same type as a second handle on the same memory; the backend copies. */
export function installIdentity(): void {
  for (const kernelName of [tf.Identity, tf.Cast]) {
    const config = tf.getKernel(kernelName, WASM);
    if (config === undefined) continue;
    replaceKernel({
      ...config,
      kernelFunc: ((call) => {
        const x = call.inputs['x']!;
        if (x.dtype === 'string' || (kernelName === tf.Cast && call.attrs!['dtype'] !== x.dtype)) return config.kernelFunc(call);
        (call.backend as KernelBackend).incRef(x.dataId);
        return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
      }) as KernelFunc,
    });
  }
}
