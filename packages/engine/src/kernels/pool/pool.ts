import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { hostMemory, type HostBackendName } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';

/** Sizes of a 2-D pooling. */
type PoolInfo = ReturnType<typeof tf.backend_util.computePool2DInfo>;

/** Rows or columns of the input under the window at an output position. */
function window(at: number, stride: number, before: number, size: number, length: number): [number, number] {
  const start = at * stride - before;
  return [Math.max(0, start), Math.min(length, start + size)];
}

/** Visits every window with its bounds in the input. */
function windows(
  info: PoolInfo,
  visit: (image: number, top: number, bottom: number, left: number, right: number, output: number) => void,
): void {
  for (let image = 0, output = 0; image < info.batchSize; image++) {
    for (let row = 0; row < info.outHeight; row++) {
      const [top, bottom] = window(row, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight);
      for (let column = 0; column < info.outWidth; column++, output += info.inChannels) {
        const [left, right] = window(column, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth);
        visit(image, top, bottom, left, right, output);
      }
    }
  }
}

/** dy goes to the first maximum of each window. */
export function maxPoolGradient(dy: Float32Array, x: Float32Array, info: PoolInfo, dx: Float32Array): void {
  const channels = info.inChannels;
  const best = new Float32Array(channels);
  const where = new Int32Array(channels);
  dx.fill(0);
  windows(info, (image, top, bottom, left, right, output) => {
    best.fill(-Infinity);
    where.fill(-1);
    for (let row = top; row < bottom; row++) {
      let at = ((image * info.inHeight + row) * info.inWidth + left) * channels;
      for (let column = left; column < right; column++) {
        for (let c = 0; c < channels; c++, at++) {
          if (x[at]! > best[c]! || where[c]! < 0) {
            best[c] = x[at]!;
            where[c] = at;
          }
        }
      }
    }
    for (let c = 0; c < channels; c++) if (where[c]! >= 0) dx[where[c]!]! += dy[output + c]!;
  });
}

/** dy is shared by the entries of the window that lie inside the image, as the forward pass averages them. */
export function averagePoolGradient(dy: Float32Array, info: PoolInfo, dx: Float32Array): void {
  const channels = info.inChannels;
  dx.fill(0);
  windows(info, (image, top, bottom, left, right, output) => {
    const share = 1 / ((bottom - top) * (right - left));
    for (let row = top; row < bottom; row++) {
      let at = ((image * info.inHeight + row) * info.inWidth + left) * channels;
      for (let column = left; column < right; column++) {
        for (let c = 0; c < channels; c++, at++) dx[at]! += dy[output + c]! * share;
      }
    }
  });
}

/**
 * Gradients of 2-D pooling on wasm and cpu. The average's gradient of TensorFlow.js divides by the
 * whole window also at a padded border, where its forward pass does not; the maximum's is slow on wasm.
 */
export function installPoolGradients(backendName: HostBackendName): void {
  for (const kernelName of [tf.MaxPoolGrad, tf.AvgPoolGrad]) {
    replaceKernel({
      kernelName,
      backendName,
      kernelFunc: (({ inputs, attrs, backend }) => {
        const memory = hostMemory(backendName, backend);
        const [x, dy] = [inputs['input']!, inputs['dy']!];
        const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
          filterSize: [number, number] | number;
          strides: [number, number] | number;
          pad: 'valid' | 'same' | number;
          dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
        };
        const shape = x.shape as [number, number, number, number];
        const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
        const output = memory.allocate(x.shape, 'float32');
        const [values, upstream, gradient] = [x, dy, output].map((tensor) => memory.float32(tensor));
        if (kernelName === tf.MaxPoolGrad) maxPoolGradient(upstream!, values!, info, gradient!);
        else averagePoolGradient(upstream!, info, gradient!);
        return output;
      }) as KernelFunc,
    });
  }
}
