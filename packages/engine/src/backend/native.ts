import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** Name under which the TensorFlow backend is registered in TensorFlow.js. */
export const NATIVE_BACKEND = 'tensorflow';

/** An attribute of a TensorFlow op. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | readonly number[] | string;
}

/** Constants and calls of the add-on that we use. */
export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

/** The backend of tfjs-node: runs any TensorFlow op by name. */
export interface NativeBackend extends KernelBackend {
  readonly binding: NativeBinding;
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: readonly OpAttribute[], inputs: readonly TensorInfo[]): Tensor;
  executeMultipleOutputs(name: string, attributes: readonly OpAttribute[], inputs: readonly TensorInfo[], outputs: number): Tensor[];
}

/** Whether tensors live in the TensorFlow library now. */
export function isNative(): boolean {
  return tf.getBackend() === NATIVE_BACKEND;
}

/** Builders of op attributes for one backend. */
export function attributes(backend: NativeBackend) {
  const { binding } = backend;
  return {
    float32: (name: string): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }),
    int32: (name: string): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 }),
    boolean: (name: string, value: boolean): OpAttribute => ({ name, type: binding.TF_ATTR_BOOL, value }),
    float: (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    text: (name: string, value: string): OpAttribute => ({ name, type: binding.TF_ATTR_STRING, value }),
  };
}
