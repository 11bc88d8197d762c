import { setWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Name of the kernel of the ReLU's gradient, which TensorFlow.js has not: dy, y give dx. */
export const RELU_GRADIENT = 'ReluGrad';

/** dx[i] = dy[i] where y[i] > 0, else 0, from index `first`. */
export function reluGradient(dy: Float32Array, y: Float32Array, dx: Float32Array, first = 0): void {
  for (let i = first; i < dx.length; i++) dx[i] = y[i]! > 0 ? dy[i]! : 0;
}

/** ReluGrad, four numbers at a time. */
export function installReluGradient(): void {
  setWasmKernel(RELU_GRADIENT, ({ inputs, memory, simd }) => {
    const [dy, y] = [inputs['dy']!, inputs['y']!];
    const dx = memory.allocate(y.shape, 'float32');
    const size = sizeOf(y.shape);
    simd.reluGradient(memory.address(dy), memory.address(y), size, memory.address(dx));
    reluGradient(memory.float32(dy), memory.float32(y), memory.float32(dx), size - (size % 4));
    return dx;
  });
}
