import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { hostMemory, type HostMemory } from '../backend/host.js';
import { replaceKernel, type KernelCall } from '../backend/register.js';

export const WASM = 'wasm';

/** A call of a wasm kernel. */
export interface WasmCall extends KernelCall {
  readonly memory: HostMemory;
  /** Runs another kernel of the backend, outside the gradient tape. */
  run(kernelName: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): TensorInfo;
}

type Original = () => TensorInfo;

function callOf(inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined, backend: unknown): WasmCall {
  return {
    inputs,
    attrs: attrs ?? {},
    memory: hostMemory(WASM, backend),
    run: (kernelName, others, othersAttrs) =>
      tf.getKernel(kernelName, WASM).kernelFunc({ inputs: others, attrs: othersAttrs, backend: backend as object }) as TensorInfo,
  };
}

/** Adds a kernel the backend lacks, or replaces it. */
export function setWasmKernel(kernelName: string, kernel: (call: WasmCall) => TensorInfo): void {
  replaceKernel({
    kernelName,
    backendName: WASM,
    kernelFunc: (({ inputs, attrs, backend }) => kernel(callOf(inputs, attrs, backend))) as KernelFunc,
  });
}

/** Puts a faster way in front of a kernel of the backend, which may still call the original. */
export function extendWasmKernel(kernelName: string, kernel: (call: WasmCall, original: Original) => TensorInfo): void {
  const config = tf.getKernel(kernelName, WASM);
  if (config === undefined) return;
  // The set-up of the original stays: it binds the WebAssembly function when the backend starts.
  replaceKernel({
    ...config,
    kernelFunc: ((call) => {
      const { inputs, attrs, backend } = call;
      return kernel(callOf(inputs, attrs, backend), () => config.kernelFunc(call) as TensorInfo);
    }) as KernelFunc,
  });
}

/** The same memory under another shape; nothing is copied or counted. */
export function reshaped(info: TensorInfo, shape: readonly number[]): TensorInfo {
  return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
