import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { HOST_BACKENDS, hostMemory, type HostBackendName, type HostMemory } from './host.js';
import { NATIVE_BACKEND, type NativeBackend } from './native.js';
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** What a kernel is called with, as tfjs passes it. */
export interface KernelCall {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}
type Outputs = TensorInfo | TensorInfo[];

/** Registers a kernel unless that backend has one of ours or theirs already. */
export function registerMissing(config: KernelConfig): boolean {
  if (tf.getKernel(config.kernelName, config.backendName) !== undefined) return false;
  tf.registerKernel(config);
  return true;
}

/** Registers a kernel in the place of the one a backend came with. */
export function replaceKernel(config: KernelConfig): void {
  if (tf.getKernel(config.kernelName, config.backendName) !== undefined) {
    tf.unregisterKernel(config.kernelName, config.backendName);
  }
  tf.registerKernel(config);
}

/** A kernel as loops over the memory of the cpu and wasm backends. */
export function registerHostKernel(
  kernelName: string,
  kernel: (call: KernelCall, memory: HostMemory) => Outputs,
  backends: readonly HostBackendName[] = HOST_BACKENDS,
): void {
  for (const backendName of backends) {
    registerMissing({
      kernelName,
      backendName,
      kernelFunc: (({ inputs, attrs, backend }) => kernel({ inputs, attrs: attrs ?? {} }, hostMemory(backendName, backend))) as KernelFunc,
    });
  }
}

/** A kernel that runs TensorFlow ops through the native backend. */
export function registerNativeKernel(kernelName: string, kernel: (call: KernelCall, backend: NativeBackend) => Outputs): void {
  registerMissing({
    kernelName,
    backendName: NATIVE_BACKEND,
    kernelFunc: (({ inputs, attrs, backend }) => kernel({ inputs, attrs: attrs ?? {} }, backend as unknown as NativeBackend)) as KernelFunc,
  });
}
