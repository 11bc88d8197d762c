import type { DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** The two backends whose tensors are plain memory of this process. */
export const HOST_BACKENDS = ['cpu', 'wasm'] as const;
export type HostBackendName = (typeof HOST_BACKENDS)[number];

type Shape = readonly number[];

/** What we use of tfjs-backend-cpu. */
interface CpuBackend extends KernelBackend {
  readonly data: { get(dataId: object): { values: Float32Array | Int32Array | Uint8Array } };
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array | Int32Array): TensorInfo;
}

/** What we use of tfjs-backend-wasm. */
interface WasmBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
  getMemoryOffset(dataId: object): number;
}

/**
 * Memory of the cpu and wasm backends behind one face, for kernels written as plain loops.
 *
 * Allocate every output before the first view is taken: an allocation may grow the WebAssembly
 * memory, which detaches the views taken before.
 */
export interface HostMemory {
  allocate(shape: Shape, dtype: 'float32' | 'int32'): TensorInfo;
  float32(info: TensorInfo): Float32Array;
  int32(info: TensorInfo): Int32Array;
  release(info: TensorInfo): void;
}

class CpuMemory implements HostMemory {
  constructor(private readonly backend: CpuBackend) {}

  allocate(shape: Shape, dtype: 'float32' | 'int32'): TensorInfo {
    const size = shape.reduce((product, n) => product * n, 1);
    return this.backend.makeTensorInfo([...shape], dtype, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size));
  }

  float32(info: TensorInfo): Float32Array {
    return this.backend.data.get(info.dataId).values as Float32Array;
  }

  int32(info: TensorInfo): Int32Array {
    return this.backend.data.get(info.dataId).values as Int32Array;
  }

  release(info: TensorInfo): void {
    this.backend.disposeData(info.dataId);
  }
}

/** The memory of the wasm backend, with the addresses of tensors in it. */
export class WasmMemory implements HostMemory {
  private readonly backend: WasmBackend;

  /** @param backend of the package tfjs-backend-wasm. */
  constructor(backend: unknown) {
    this.backend = backend as WasmBackend;
  }

  allocate(shape: Shape, dtype: 'float32' | 'int32'): TensorInfo {
    return this.backend.makeOutput([...shape], dtype);
  }

  float32(info: TensorInfo): Float32Array {
    return this.backend.typedArrayFromHeap(info) as Float32Array;
  }

  int32(info: TensorInfo): Int32Array {
    return this.backend.typedArrayFromHeap(info) as Int32Array;
  }

  /** Where the tensor's numbers begin, in bytes. An allocation does not move them. */
  address(info: TensorInfo): number {
    return this.backend.getMemoryOffset(info.dataId);
  }

  release(info: TensorInfo): void {
    this.backend.disposeData(info.dataId);
  }
}

/** The memory of the backend a kernel was called with. */
export function hostMemory(name: HostBackendName, backend: unknown): HostMemory {
  return name === 'cpu' ? new CpuMemory(backend as CpuBackend) : new WasmMemory(backend);
}
