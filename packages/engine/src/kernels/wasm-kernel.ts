import * as tf from '@tensorflow/tfjs-core';
import type { KernelBackend, KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { WasmMemory } from '../backend/host.js';
import { replaceKernel, type KernelCall } from '../backend/register.js';
import { backendMemory, simdOver, type Simd } from './simd/simd.js';

export const WASM = 'wasm';

/** A call of a wasm kernel. */
export class WasmCall implements KernelCall {
  readonly memory: WasmMemory;

  constructor(
    readonly inputs: NamedTensorInfoMap,
    readonly attrs: NamedAttrMap,
    private readonly backend: unknown,
  ) {
    this.memory = new WasmMemory(backend);
  }

  /** Our vector functions over the backend's memory. */
  get simd(): Simd {
    return simdOver(backendMemory(this.backend as KernelBackend));
  }

  /** New memory with byte offsets for the vector functions. */
  table(offsets: ArrayLike<number>): TensorInfo {
    const info = this.memory.allocate([offsets.length], 'int32');
    this.memory.int32(info).set(offsets);
    return info;
  }
}

type Kernel<Outputs extends TensorInfo | TensorInfo[]> = (call: WasmCall) => Outputs;
type Extension<Outputs extends TensorInfo | TensorInfo[]> = (call: WasmCall, original: () => Outputs) => Outputs;

/** Adds a kernel the backend lacks, or replaces it. */
export function setWasmKernel<Outputs extends TensorInfo | TensorInfo[]>(kernelName: string, kernel: Kernel<Outputs>): void {
  replaceKernel({
    kernelName,
    backendName: WASM,
    kernelFunc: (({ inputs, attrs, backend }) => kernel(new WasmCall(inputs, attrs ?? {}, backend))) as KernelFunc,
  });
}

/** Puts a faster way in front of a kernel of the backend, which may still call the original. */
export function extendWasmKernel<Outputs extends TensorInfo | TensorInfo[] = TensorInfo>(
  kernelName: string,
  kernel: Extension<Outputs>,
): void {
  const config = tf.getKernel(kernelName, WASM);
  if (config === undefined) return;
  // The set-up of the original stays: it binds the WebAssembly function when the backend starts.
  replaceKernel({
    ...config,
    kernelFunc: ((call) => {
      const { inputs, attrs, backend } = call;
      return kernel(new WasmCall(inputs, attrs ?? {}, backend), () => config.kernelFunc(call) as Outputs);
    }) as KernelFunc,
  });
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
