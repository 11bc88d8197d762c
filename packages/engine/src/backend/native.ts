import * as tf from '@tensorflow/tfjs-core';
import type { DataType, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** Name under which the TensorFlow backend is registered in TensorFlow.js. */
export const NATIVE_BACKEND = 'tensorflow';

/** An attribute of a TensorFlow op. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number | readonly number[] | string;
}

/** What the add-on says of a tensor it made. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
  /** TF_DataType. */
  readonly dtype: number;
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
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], dtype: number, values: NativeValues): number;
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): NativeTensor[];
  /** Returns the session's id. Tags and names are joined by commas. */
  loadSavedModel(folder: string, tags: string): number;
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): NativeTensor[];
  deleteSavedModel(session: number): void;
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
}

/** Values as the add-on takes them; strings are arrays of bytes. */
export type NativeValues = Float32Array | Int32Array | Uint8Array | readonly Uint8Array[];

/** What the backend keeps of a tensor: values that still wait for their first use, or the add-on's id. */
export interface NativeData {
  readonly values: NativeValues | null;
  readonly id: number;
  /** TF_DataType. */
  readonly dtype: number;
  readonly shape: readonly number[];
}

/** The backend of tfjs-node: runs any TensorFlow op by name. */
export interface NativeBackend extends KernelBackend {
  binding: NativeBinding;
  readonly tensorMap: { get(dataId: object): NativeData; has(dataId: object): boolean };
  /** Ids of tensors in the add-on; uploads values that wait. */
  getInputTensorIds(tensors: readonly { readonly dataId: object }[]): number[];
  createOutputTensor(tensor: NativeTensor): Tensor;
  move(dataId: object, values: NativeValues, shape: number[], dtype: DataType, references: number): void;
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
    integers: (name: string, value: readonly number[]): OpAttribute => ({ name, type: binding.TF_ATTR_INT, value }),
    float: (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    text: (name: string, value: string): OpAttribute => ({ name, type: binding.TF_ATTR_STRING, value }),
  };
}
